import { chmod, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ContainerOptions, type Ended, paths, runInImage, skipWithout } from "@workstation/images/test";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ContainerArchives, makeContainerArchives } from "./udocker/make-archives.ts";

let archives: ContainerArchives;

beforeAll(async () => {
  archives = await makeContainerArchives();
});

beforeEach((context) => skipWithout("proot-5.4.0", context));

afterAll(() => archives?.remove());

/** One quoted line, as `jobman submit -- "…"` hands it over; persistent-home holds the archives. */
function submit(line: string, options: ContainerOptions = {}): Promise<Ended> {
  const home = { source: archives.folder, target: paths.persistentHome, readOnly: false };
  return runInImage([line], { ...options, binds: [home, ...(options.binds ?? [])] });
}

const load = "udocker load -i ~/persistent-home/small.tar.gz alpine";

/** Of an archive in the OCI layout, as newer versions of Docker write it, udocker prints the name as a list. */
const loadedAndGreeted = /^(alpine:3\.20|\['alpine:3\.20'\])\nhello\n$/;

test("an image is loaded and run as the guide writes it, and nothing else is on stdout", async () => {
  const { stdout, stderr } = await submit(`${load} && udocker run --rm alpine:3.20 echo hello`);
  expect(stdout, stderr).toMatch(loadedAndGreeted);
});

test.each(["plain.tar.gz", "layout.tar.gz"])(
  "%s, which other versions of Docker write, is loaded too",
  async (name) => {
    const { stdout, stderr } = await submit(
      `udocker load -i ~/persistent-home/${name} alpine && udocker run --rm alpine:3.20 echo hello`,
    );
    expect(stdout, stderr).toMatch(/\nhello\n$/);
  },
);

test("the program inside is root there, runs in mode P1 under our filter, and its exit code comes out", async () => {
  const { exitCode, stdout, stderr } = await submit(
    `${load} >/dev/null && udocker run --rm alpine:3.20 sh -c 'id -u; echo $container_execmode; cat /proc/self/status; exit 7'`,
  );
  expect(stdout, stderr).toMatch(/^0\nP1\n/);
  expect(stdout).toMatch(/^Seccomp:\t2$/m);
  expect(stdout).toMatch(/^NoNewPrivs:\t1$/m);
  expect(exitCode).toBe(7);
});

test("datasets, the datalake behind their links and persistent-home are seen inside; only the last can be written", async () => {
  const { binds } = await makeDataset();
  const dataset = `${paths.datasets}/one`;
  const inside = [
    `cat ${dataset}/subject/index.json`,
    `ls ${paths.persistentHome}/plain.tar.gz`,
    `echo written >${paths.persistentHome}/result.txt`,
    `touch ${dataset}/subject/x 2>/dev/null || echo refused`,
  ].join("; ");
  const { stdout, stderr } = await submit(
    `${load} >/dev/null && udocker run --rm -v ${paths.persistentHome} -v ${paths.datasets} -v ${paths.datalake} alpine:3.20 sh -c '${inside}'`,
    { binds },
  );
  expect(stdout, stderr).toBe(`["found"]\n${paths.persistentHome}/plain.tar.gz\nrefused\n`);
  expect(await readFile(join(archives.folder, "result.txt"), "utf8")).toBe("written\n");
});

test.each([0, 23_456])("an arbitrary uid of group %i with an empty home can do the same", async (gid) => {
  const { stdout, stderr } = await submit(`${load} && udocker run --rm alpine:3.20 echo hello`, {
    uid: 12_345,
    gid,
    emptyHome: true,
  });
  expect(stdout, stderr).toMatch(loadedAndGreeted);
});

test("what udocker unpacks stays off persistent-home, and is still there for the next command", async () => {
  const { stdout, stderr } = await submit(
    `${load} >/dev/null && udocker create --name=mine alpine:3.20 >/dev/null && udocker run mine touch /kept && udocker run mine ls /kept`,
  );
  expect(stdout, stderr).toBe("/kept\n");
  expect((await readdir(archives.folder)).filter((name) => name.includes("udocker"))).toEqual([]);
});

test("a container is given the driver's own programs and libraries, as the machine that runs the job has them", async () => {
  const libraries = "/usr/lib/x86_64-linux-gnu";
  const driver = {
    "libcuda.so.535": libraries,
    "libnvidia-ml.so.535": libraries,
    "nvidia-smi": "/usr/bin",
  };
  const binds = Object.entries(driver).map(([name, folder]) => ({
    source: join(archives.folder, name),
    target: `${folder}/${name}`,
    readOnly: true,
  }));
  for (const { source } of binds) await writeFile(source, "#!/bin/sh\necho driver 535\n", { mode: 0o755 });
  const { stdout, stderr } = await submit(
    [
      `${load} >/dev/null`,
      "udocker create --name=gpu alpine:3.20 >/dev/null",
      `udocker run gpu mkdir -p ${libraries} /usr/bin`,
      "udocker setup --nvidia gpu >/dev/null",
      `udocker run gpu sh -c 'nvidia-smi; ls ${libraries}'`,
    ].join(" && "),
    { binds },
  );
  expect(stdout, stderr).toBe("driver 535\nlibcuda.so.535\nlibnvidia-ml.so.535\n");
});

test("an image that was not loaded is a short error, not a wait for a registry", async () => {
  const { exitCode, stderr } = await submit("udocker run --rm alpine:9.99 echo hello");
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain("image or container not available");
});

async function makeDataset() {
  const { folder } = archives;
  await mkdir(join(folder, "dataset"));
  await mkdir(join(folder, "datalake/subject"), { recursive: true });
  await writeFile(join(folder, "datalake/subject/index.json"), '["found"]\n');
  await chmod(join(folder, "datalake/subject"), 0o777);
  await symlink(`${paths.datalake}/subject`, join(folder, "dataset/subject"));
  return {
    binds: [
      { source: join(folder, "dataset"), target: `${paths.datasets}/one`, readOnly: true },
      { source: join(folder, "datalake"), target: paths.datalake, readOnly: true },
    ],
  };
}
