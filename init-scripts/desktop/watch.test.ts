import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { giveToUser, type PlainStart, preparePlainStart } from "../plain-start.ts";

/** Ends of parts, as the supervisor tells them: a header with the length of what follows, without a line end. */
function events(...names: readonly string[]): string {
  return names
    .map((name) => `processname:${name} groupname:desktop from_state:RUNNING expected:0 pid:1`)
    .map(
      (payload) =>
        `ver:3.0 server:supervisor eventname:PROCESS_STATE_EXITED len:${payload.length}\n${payload}`,
    )
    .join("");
}

/** Runs `watch` with these events, below a shell that stands for the supervisor and says when it is told to end. */
async function watch(start: PlainStart, ...names: readonly string[]) {
  const folder = join(start.run, "desktop");
  await mkdir(folder, { recursive: true });
  await giveToUser(folder);
  await writeFile(join(folder, "session.log"), "first word\nlast word\n");
  await writeFile(join(start.run, "events"), events(...names));
  const line = `trap 'echo told to end' TERM; ${join(start.root, "usr/local/lib/workstation/desktop/watch")} <${join(start.run, "events")}; exit 0`;
  return start.start(["bash", "-c", line], {
    env: { WORKSTATION_DESKTOP: folder, WORKSTATION_KIND: "desktop" },
  });
}

describe("watch", () => {
  test("answers each event, and says which part is started again", async () => {
    const { stdout, stderr } = await watch(await preparePlainStart(), "xvnc", "session", "init-news");
    expect(stdout).toBe(`${"READY\nRESULT 2\nOK".repeat(3)}READY\n`);
    expect(stderr).toContain("workstation: xvnc ended; it is started again\n");
    expect(stderr).toContain("workstation: session ended; it is started again\n");
    expect(stderr).not.toContain("init-news");
  });

  test("ends the desktop at the fifth end of one part, with the last words of its log", async () => {
    const start = await preparePlainStart();
    const { stdout, stderr } = await watch(start, ...Array<string>(5).fill("session"));
    expect(stdout).toContain("told to end");
    expect(stderr).toContain("first word\nlast word\n");
    expect(await readFile(join(start.run, "desktop/failure"), "utf8")).toBe(
      "session ended 5 times within 60 s\n",
    );
  });

  test("lets parts end four times each", async () => {
    const names = ["session", "xvnc", "sshd"].flatMap((name) => Array<string>(4).fill(name));
    expect((await watch(await preparePlainStart(), ...names)).stdout).not.toContain("told to end");
  });
});
