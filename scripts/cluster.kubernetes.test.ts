import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chartObstacle } from "@workstation/chart";
import { clusterObstacle, findKeptCluster } from "@workstation/cluster";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { $ } from "zx/core";
import { projectFolder } from "./setup/places.ts";

const obstacle = clusterObstacle() ?? chartObstacle();

/** The tests of images that the command may have to build are no tests of this run. */
const { WORKSTATION_TEST_RESULTS: _, ...environment } = process.env;

describe.skipIf(obstacle !== undefined)(`npm run cluster ${obstacle ?? ""}`, { timeout: 900_000 }, () => {
  const parent = mkdtempSync(join(tmpdir(), "workstation-cluster-"));
  const folder = join(parent, "state");
  const cluster = (...words: readonly string[]) =>
    $({
      cwd: projectFolder,
      nothrow: true,
      quiet: true,
      env: environment,
    })`node scripts/cluster.ts ${[...words, "--folder", folder]}`;
  /** In a shell that has read what the command offers. */
  const shell = (line: string) =>
    $({
      cwd: projectFolder,
      nothrow: true,
      quiet: true,
      env: environment,
    })`bash -c ${`. ${join(folder, "jobman.env")} && ${line}`}`;
  const jobman = (line: string) => shell(`npm run --silent jobman -- ${line}`);
  let first: Awaited<ReturnType<typeof cluster>>;
  let home = "";

  beforeAll(async () => {
    first = await cluster();
    home = /^\s*result\s+(\S+persistent-home)\//m.exec(first.stdall)?.[1] ?? "";
    if (home === "") throw new Error(first.stdall);
  }, 1_800_000);
  afterAll(async () => {
    await cluster("stop");
    rmSync(parent, { recursive: true, force: true });
  });

  test("ends with the example's table, the job's exit code, and how to look around and to remove it", () => {
    expect(first.exitCode, first.stdall).toBe(0);
    expect(first.stdall).toMatch(
      /filter-series-\S+: running on no-gpu[\s\S]*9 series: 3 axial, 3 sagittal, 3 coronal/,
    );
    expect(first.stdall).toMatch(/^\s*job\s+filter-series-\S+: exit 0$/m);
    const result = /^\s*result\s+(\S+)$/m.exec(first.stdall)?.[1] ?? "";
    expect(readFileSync(result, "utf8").trimEnd().split("\n")).toHaveLength(10);
    for (const offered of [
      `. ${folder}/jobman.env`,
      "export KUBECONFIG=",
      `npm run cluster -- stop --folder ${folder}`,
    ])
      expect(first.stdall).toContain(offered);
  });

  test("the user's init.sh has run before the command, and the command's own exit code and output come back", async () => {
    writeFileSync(
      join(home, "init.sh"),
      'echo "ready for $(id -u)"; echo "HANDED=over" >>"$WORKSTATION_ENV"\n',
    );
    const { exitCode, stdout, stderr } = await jobman(
      "submit --wait -- bash -c 'echo $HANDED to $(id -u); exit 7'",
    );
    // A cluster keeps one stream of a container's output; what init.sh says is told apart by the lines around it.
    expect([exitCode, stdout.trim()], stderr).toEqual([7, "over to 20000"]);
    expect(stderr).toMatch(/^ready for 20000$/m);
  });

  test("a job's log is followed while it runs; whoever deletes it leaves it the grace to save its work", async () => {
    const work =
      "trap 'echo saved > ~/persistent-home/saved; exit 3' TERM; echo working; while :; do sleep 1; done";
    writeFileSync(join(home, "work.sh"), work);
    expect((await jobman("submit -j worker -- bash persistent-home/work.sh")).exitCode).toBe(0);
    const followed = jobman("logs -f -j worker");
    for await (const chunk of followed.stdout) if (String(chunk).includes("working")) break;
    expect(existsSync(join(home, "saved"))).toBe(false);
    expect((await jobman("delete -j worker")).exitCode).toBe(0);
    await followed;
    await expect.poll(() => existsSync(join(home, "saved")), { timeout: 60_000 }).toBe(true);
  });

  test("a dataset is there read-only, and its links into the datalake lead somewhere", async () => {
    const look =
      "find -L ~/datasets/ -type f | wc -l; touch ~/datasets/synthetic-3-subjects/x 2>&1 | grep -c Read-only";
    const { stdout, stderr } = await jobman(
      `submit --wait --datasets synthetic-3-subjects -- bash -c '${look}'`,
    );
    const [files, refused] = stdout.trim().split("\n").slice(-2);
    expect([Number(files) >= 180, refused], stderr).toEqual([true, "1"]);
  });

  test("a second run makes nothing again, and runs the example again", async () => {
    const { exitCode, stdall } = await cluster();
    expect(exitCode, stdall).toBe(0);
    for (const there of ["it is there: https://", ":latest is there", "synthetic-3-subjects is there"])
      expect(stdall).toContain(there);
    expect(stdall).not.toMatch(/- Build /);
  });

  test("stop leaves nothing: no process, no folder; again it says that there is none", async () => {
    const kept = findKeptCluster(join(folder, "cluster"));
    const { exitCode, stdall } = await cluster("stop");
    expect([exitCode, existsSync(folder)], stdall).toEqual([0, false]);
    expect(existsSync(kept?.nodeFolder ?? "/")).toBe(false);
    const { stdout } = await $({ nothrow: true, quiet: true })`pgrep -f -- ${kept?.nodeFolder}`;
    expect(stdout).toBe("");
    expect(await cluster("stop")).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("no cluster runs here"),
    });
  });
});
