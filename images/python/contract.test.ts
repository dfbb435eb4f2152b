import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paths, runInImage, shellInImage, site } from "@workstation/images/test";
import { expect, onTestFinished, test } from "vitest";

test("every path of the contract with the researcher exists", async () => {
  const folders = [
    paths.home,
    paths.datasets,
    paths.persistentHome,
    paths.sharedFolder,
    paths.applicationExamples,
    paths.datalake,
    paths.jobmanSocketFolder,
  ];
  const { stdout } = await shellInImage(
    `for each in ${folders.join(" ")}; do [ -d $each ] || echo $each; done; pwd`,
  );
  expect(stdout).toBe(`${paths.home}\n`);
});

test("a script in persistent-home runs as the guide writes it", async () => {
  const folder = await folderOnHost();
  await writeFile(join(folder, "myScript.py"), "import sys; print('ran', sys.argv[1:])");
  const ended = await runInImage(["python", "persistent-home/myScript.py", "a b", ""], {
    binds: [{ source: folder, target: paths.persistentHome, readOnly: true }],
  });
  expect(ended).toMatchObject({ exitCode: 0, stdout: "ran ['a b', '']\n" });
});

test("datasets are read-only, and their links into the datalake lead somewhere", async () => {
  const folder = await folderOnHost();
  await mkdir(join(folder, "dataset"));
  await mkdir(join(folder, "datalake/subject"), { recursive: true });
  await writeFile(join(folder, "datalake/subject/index.json"), "[]");
  await symlink(`${paths.datalake}/subject`, join(folder, "dataset/subject"));
  const dataset = `${paths.datasets}/one`;
  const { stdout, stderr } = await shellInImage(
    `cat ${dataset}/subject/index.json; touch ${dataset}/x; touch ${dataset}/subject/x`,
    {
      binds: [
        { source: join(folder, "dataset"), target: dataset, readOnly: true },
        { source: join(folder, "datalake"), target: paths.datalake, readOnly: true },
      ],
    },
  );
  expect(stdout, stderr).toBe("[]");
  expect(stderr.match(/Read-only file system/g)).toHaveLength(2);
});

test("the user is nobody special: no sudo, no capability, no way to more", async () => {
  const { stdout } = await shellInImage(
    "id -un; id -u; command -v sudo su doas pkexec; grep -E '^(CapEff|NoNewPrivs)' /proc/self/status",
  );
  expect(stdout.replaceAll("\t", " ")).toBe(
    [site.user.name, site.user.uid, "/usr/bin/su", "CapEff: 0000000000000000", "NoNewPrivs: 1", ""].join(
      "\n",
    ),
  );
});

test("what programs keep for later stays off persistent-home", async () => {
  const folder = await folderOnHost();
  const { exitCode, stdout, stderr } = await shellInImage(
    [
      "python3 -c 'import matplotlib.pyplot as plt; plt.plot([1]); plt.savefig(\"/tmp/x.png\")'",
      "pip cache dir",
      "uv cache dir",
      "poetry config cache-dir",
      "find ~/persistent-home -mindepth 1 -not -name init.sh",
    ].join(" && "),
    { binds: [{ source: folder, target: paths.persistentHome, readOnly: false }] },
  );
  expect(exitCode, stderr).toBe(0);
  expect(stdout.trim().split("\n")).toHaveLength(3);
  expect(stdout).not.toContain("persistent-home");
});

async function folderOnHost(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "workstation-image-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o777);
  return folder;
}
