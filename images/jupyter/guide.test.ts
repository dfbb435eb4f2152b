import { statSync } from "node:fs";
import { dirname } from "node:path";
import { imageUnderTest, paths, shellInImage } from "@workstation/images/test";
import { makeSchedulerProcess, plainImage, type SchedulerProcess } from "@workstation/scheduler/testing";
import { userSocket } from "@workstation/site";
import { afterAll, beforeAll, expect, test } from "vitest";

let scheduler: SchedulerProcess;

beforeAll(async () => {
  const image = imageUnderTest();
  scheduler = await makeSchedulerProcess({ site: (text) => text.replaceAll(plainImage, image) });
  await scheduler.addUsers(["ana"]);
  await scheduler.start();
}, 120_000);
afterAll(() => scheduler.dispose());

interface Cell {
  readonly cell_type: string;
  readonly source: readonly string[] | string;
  readonly outputs?: readonly {
    readonly text?: readonly string[] | string;
    readonly data?: Readonly<Record<string, unknown>>;
  }[];
}

/** The notebook as it is after it ran, in a desktop of the user's. */
async function executed(): Promise<readonly Cell[]> {
  const home = scheduler.home("ana");
  const { uid, gid } = statSync(home);
  const socket = dirname(userSocket(scheduler.run, "ana").socket);
  const notebook = `${paths.applicationExamples}/dataset-access-guide.ipynb`;
  // What the notebook's programs write themselves goes to the same stdout as the result would.
  const run = `jupyter nbconvert --execute --to notebook --output-dir /tmp --output ran ${notebook} >&2`;
  const ended = await shellInImage(`${run} && cat /tmp/ran.ipynb`, {
    uid,
    gid,
    binds: [
      { source: home, target: paths.persistentHome, readOnly: false },
      { source: socket, target: "/run/jobman", readOnly: true },
    ],
    environment: { WORKSTATION_KIND: "desktop" },
  });
  expect(ended.exitCode, ended.stderr).toBe(0);
  return (JSON.parse(ended.stdout) as { readonly cells: readonly Cell[] }).cells;
}

/** All that a cell printed, found by a text of its source. */
function printed(cells: readonly Cell[], source: string): string {
  const cell = cells.find(
    (each) => each.cell_type === "code" && [each.source].flat().join("").includes(source),
  );
  if (cell === undefined) throw new Error(`no cell has ${source}`);
  return (cell.outputs ?? [])
    .flatMap(({ text, data }) => [text ?? [], (data?.["text/plain"] as readonly string[] | undefined) ?? []])
    .flat(2)
    .join("");
}

test("the notebook runs from top to bottom, and again, its job included", async () => {
  for (const _ of ["first", "second"]) {
    const cells = await executed();
    expect(printed(cells, "datasets_in(home")).toContain("synthetic in");
    expect(printed(cells, "nunique")).toContain("synthetic: 3 subjects, 3 studies, 9 series");
    expect(printed(cells, "eforms.json")).toContain("Gender");
    expect(printed(cells, "read_volume")).toContain("slices, rows, columns: (20, 128, 128)");
    expect(printed(cells, "WriteImage")).toContain("first-series.nii.gz");
    expect(printed(cells, "jobman resources-flavors")).toContain("no-gpu");
    const job = /job-\w{8}/.exec(printed(cells, "jobman submit"))?.[0];
    expect(printed(cells, "jobman list")).toContain(job);
    expect(printed(cells, "jobman logs")).toMatch(/20 images\r?\n/);
    expect(printed(cells, "pd.DataFrame(json.loads(intensities")).toMatch(/mean/);
    expect(printed(cells, "jobman details")).toContain("succeeded");
  }
});
