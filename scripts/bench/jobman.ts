import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { userSocket } from "@workstation/site";
import { makeSchedulerProcess } from "../../jobman/scheduler/src/testing/scheduler-process.ts";
import { projectFolder } from "../setup/places.ts";
import { type BenchRow, inTurn, ratioRow } from "./row.ts";
import { runProgram } from "./run-program.ts";

const rounds = 15;
const user = "bench";
const jobman = join(projectFolder, "jobman/client/bin/jobman.js");

/** Start-up of the command, against an empty script under the same Node; a scheduler of the bench's own answers `list`. */
export async function benchJobman(): Promise<readonly BenchRow[]> {
  const scheduler = await makeSchedulerProcess();
  try {
    await scheduler.addUsers([user]);
    await scheduler.start();
    return await measure(userSocket(scheduler.run, user).socket);
  } finally {
    await scheduler.dispose();
  }
}

async function measure(socket: string): Promise<readonly BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  const empty = join(folder, "empty.js");
  await writeFile(empty, "");
  const environment = { ...process.env, JOBMAN_SOCKET: socket, NODE_EXTRA_CA_CERTS: undefined };
  const run = (argv: readonly string[]) => () => runProgram(["node", ...argv], environment);
  try {
    const rows: BenchRow[] = [];
    for (const [argument, atMost] of [
      ["--version", 1.2],
      ["--help", 1.2],
      ["list", 1.8],
    ] as const) {
      const pairs = await inTurn(rounds, run([jobman, argument]), run([empty]));
      rows.push(ratioRow(`\`jobman ${argument}\``, pairs, { atMost, against: "an empty script" }));
    }
    return rows;
  } finally {
    await rm(folder, { recursive: true });
  }
}
