import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  changeBetween,
  coloursOf,
  copyOf,
  keepScreenshot,
  type Picture,
  startDesktop,
  type TestDesktop,
  type VncClient,
  waitForDesktop,
} from "@workstation/images/desktop";
import { paths, runInImage } from "@workstation/images/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asInPanel } from "./menu/menu-entries.ts";

const dataset = "synthetic-3-subjects";
const folder = mkdtempSync(join(tmpdir(), "viewer-test-"));
const places = { datasets: join(folder, "datasets"), datalake: join(folder, "datalake") };
let desktop: TestDesktop;
let client: VncClient;

beforeAll(async () => {
  chmodSync(folder, 0o755);
  for (const place of Object.values(places)) {
    mkdirSync(place);
    chmodSync(place, 0o777);
  }
  await makeDataset();
  desktop = await startDesktop({
    binds: [
      { source: join(places.datasets, dataset), target: join(paths.datasets, dataset), readOnly: true },
      { source: places.datalake, target: paths.datalake, readOnly: true },
    ],
  });
  client = await desktop.connect();
  await waitForDesktop(client);
});
afterAll(async () => {
  await desktop?.remove();
  rmSync(folder, { recursive: true });
});

/** As `npm start` makes it, with the generator of the image. */
async function makeDataset(): Promise<void> {
  const generator = `${paths.applicationExamples}/synthetic-dataset/make_dataset.py`;
  const { exitCode, stderr } = await runInImage(
    ["python3", generator, dataset, "--datasets", "/out/datasets", "--datalake", "/out/datalake"].concat([
      "--link-root",
      paths.datalake,
    ]),
    { binds: [{ source: folder, target: "/out", readOnly: false }] },
  );
  if (exitCode !== 0) throw new Error(`the dataset was not made: ${stderr}`);
}

/** The slices of one series, as the desktop's user finds them. */
async function slicesOfOneSeries(): Promise<readonly string[]> {
  const look = `cd ~/datasets/${dataset} && series=$(find -L . -name '*.dcm' -printf '%h\\n' | sort -u | head -1) && ls -d "$PWD/$series"/*.dcm`;
  const { stdout, stderr } = await desktop.shell(look);
  const slices = stdout.trimEnd().split("\n");
  if (slices[0] === "") throw new Error(`no slice is seen in the desktop: ${stderr}`);
  return slices;
}

/** How many shades of grey a picture has that fill more than a few pixels: those of a scan, hardly those of a window. */
function shadesOf(picture: Picture): number {
  const grey = (colour: number) => colour >> 16 === ((colour >> 8) & 255) && colour >> 16 === (colour & 255);
  return [...coloursOf(picture)].filter(([colour, pixels]) => grey(colour) && pixels > 20).length;
}

test("the packaged viewer shows a series of the synthetic dataset, mounted as a site does", async () => {
  expect(readdirSync(join(places.datasets, dataset))).toContain("index.json");
  const slices = await slicesOfOneSeries();
  expect(slices.length).toBeGreaterThan(5);
  const before = copyOf(client.picture);
  expect(shadesOf(before)).toBeLessThan(60);
  const files = slices.map((path) => `'${path}'`).join(" ");
  await desktop.shell(`${asInPanel}; setsid aeskulap ${files} >/tmp/viewer.log 2>&1 &`);
  try {
    await client.waitForPicture((picture) => shadesOf(picture) > 100, {
      what: "a scan with its shades of grey",
      limitMs: 90_000,
    });
  } finally {
    console.log(`the viewer: ${keepScreenshot(client.picture, "viewer")}`);
  }
  expect(changeBetween(before, client.picture)?.pixels).toBeGreaterThan(100_000);
});
