import { inspectImage } from "@workstation/docker";
import {
  type ContainerOptions,
  connection,
  type Ended,
  paths,
  runInImage,
  shellInImage,
} from "@workstation/images/test";
import { beforeAll, describe, expect, type TestContext, test } from "vitest";
import { exampleImage, installTestPackages, type TestPackages } from "./testing/test-packages.ts";

const image = exampleImage();
const packagesInside = "/opt/test-packages";
const lake = "/tmp/datalake";
let packages: TestPackages;

beforeAll(async () => {
  const found = await inspectImage(await connection(), image);
  packages =
    found === undefined ? { missing: `there is no image ${image}` } : await installTestPackages(image);
});

describe("in the image that jobs run in, without a network, the examples", () => {
  test.for(["filter-series-by-orientation", "synthetic-dataset"])(
    "pass their own tests: %s",
    async (name, context) => {
      const ended = await python(context, ["-m", "pytest", "--quiet", name]);
      expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0);
      expect(ended.stdout).toMatch(/\d+ passed/);
      expect(ended.stdout).not.toMatch(/skipped/);
    },
  );

  test("pass the linter", async (context) => {
    const ended = await python(context, ["-m", "ruff", "check", "--no-cache"]);
    expect(ended.exitCode, ended.stdout).toBe(0);
  });

  test("are formatted", async (context) => {
    const ended = await python(context, ["-m", "ruff", "format", "--check", "--no-cache"]);
    expect(ended.exitCode, ended.stdout).toBe(0);
  });

  test("do the work that their pages show, started from the home of a desktop", async (context) => {
    requirePackages(context);
    const ended = await shellInImage(
      `python application-examples/synthetic-dataset/make_dataset.py demo --subjects 1 \
         --datasets ~/datasets --datalake ${lake} --link-root ${lake} &&
       python application-examples/filter-series-by-orientation/filter_series.py --orientation axial --nifti &&
       find ~/persistent-home -name '*.nii.gz' &&
       head -1 ~/persistent-home/results/filter-series-by-orientation/series.csv`,
      options(),
    );
    expect(ended.exitCode, ended.stderr).toBe(0);
    expect(ended.stdout).toContain("dataset demo: 1 subjects, 1 studies, 3 series, 60 files");
    expect(ended.stdout).toContain(
      "3 series: 1 axial, 1 sagittal, 1 coronal, 0 oblique, 0 mixed, 0 unknown; 1 selected",
    );
    expect(ended.stdout).toMatch(/persistent-home\/results\/.*\/01AXT1W\.nii\.gz\n/);
    expect(ended.stdout).toMatch(/dataset,subject,study,series,modality,description,orientation,angle,.*\n$/);
  });
});

function python(context: TestContext, command: readonly string[]): Promise<Ended> {
  requirePackages(context);
  return runInImage(["env", "-C", paths.applicationExamples, "python3", ...command], options());
}

function requirePackages(context: TestContext): void {
  if ("missing" in packages) context.skip(packages.missing);
}

function options(): ContainerOptions {
  const examples = { source: import.meta.dirname, target: paths.applicationExamples, readOnly: true };
  const installed =
    "folder" in packages ? [{ source: packages.folder, target: packagesInside, readOnly: true }] : [];
  return {
    image,
    binds: [examples, ...installed],
    environment: { PYTHONPATH: packagesInside, PYTHONDONTWRITEBYTECODE: "1" },
  };
}
