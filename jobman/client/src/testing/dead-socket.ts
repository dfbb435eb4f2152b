import { spawn } from "node:child_process";
import { once } from "node:events";

/** Leaves a socket file at `path` on which nobody listens: its process is killed while it listens. */
export async function leaveDeadSocket(path: string): Promise<void> {
  const program = `require("net").createServer().listen(${JSON.stringify(path)}, () => console.log("ready"))`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
}
