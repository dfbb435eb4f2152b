import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { loadSite } from "@workstation/site";
import { expect, test } from "vitest";

const site = loadSite(fileURLToPath(new URL("../../../../site.yaml", import.meta.url)));
const jobFlavors = site.flavors.filter((flavor) => flavor.kind === "job").map((flavor) => flavor.name);

function run(...argv: readonly string[]) {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  return spawnSync(process.execPath, [main, ...argv], { encoding: "utf8", timeout: 60_000 });
}

test("the simulator prints a line a flavor of the site on stdout, and what it did on stderr", () => {
  const { status, stdout, stderr } = run("--jobs", "2000", "--seed", "7");
  expect(status).toBe(0);
  expect(stdout.split("\n").map((line) => line.split(" ")[0])).toEqual(["FLAVOR", ...jobFlavors, ""]);
  expect(stderr).toMatch(/^2000 jobs of 60 users, .* seed 7\n$/);
});

test("--json gives the rows as data", () => {
  const rows: readonly { jobs: number }[] = JSON.parse(run("--jobs", "500", "--json").stdout);
  expect(rows.reduce((sum, row) => sum + row.jobs, 0)).toBeGreaterThanOrEqual(500);
});

test.each([
  [["--jobs", "many"], 'error: --jobs is "many", not a whole number above 0\n'],
  [["--jbos", "1"], "error: Unknown option '--jbos'"],
])("%j is refused with a message and exit code 2", (argv, message) => {
  const { status, stdout, stderr } = run(...argv);
  expect(stderr).toContain(message);
  expect([status, stdout]).toEqual([2, ""]);
});
