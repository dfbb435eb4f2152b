import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageDetails, paths, runInImage, shellInImage, skipWithout } from "@workstation/images/test";
import { imageLabels } from "@workstation/site";
import { expect, onTestFinished, test } from "vitest";
import { wheel } from "../../init-scripts/wheel.ts";

const pythonOf: Readonly<Record<string, string>> = { "ubuntu-22.04": "3.10", "debian-12": "3.11" };

test("python and python3 are the Python of the image's distribution", async () => {
  const { labels } = await imageDetails();
  const expected = pythonOf[labels[imageLabels.distribution] ?? ""];
  const { stdout } = await shellInImage("python --version; python3 --version");
  const [python, python3] = stdout.trim().split("\n");
  expect(python).toMatch(new RegExp(`^Python ${expected?.replace(".", "\\.")}\\.`));
  expect(python3).toBe(python);
});

test("vim edits a file", async () => {
  const { stdout, stderr } = await shellInImage(
    "vim -es -u DEFAULTS -c 'normal ihello' -c wq /tmp/note; cat /tmp/note",
  );
  expect(stdout, stderr).toBe("hello\n");
});

test("poetry makes and checks a project without a network", async () => {
  const { exitCode, stdout, stderr } = await shellInImage(
    "cd /tmp && poetry new -q study && cd study && poetry check && poetry install -q --only-root && poetry run python -c 'import study; print(7)'",
  );
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toMatch(/7\n$/);
});

test("uv makes a virtual environment without a network", async () => {
  const { stdout, stderr } = await shellInImage(
    "uv venv -q /tmp/venv && /tmp/venv/bin/python -c 'import sys; print(sys.prefix)' && uvx --version",
  );
  expect(stdout, stderr).toMatch(/^\/tmp\/venv\nuvx? /);
});

test("uv installs a wheel without a warning, though its cache lies on another file system", async () => {
  const folder = await mkdtemp(join(tmpdir(), "workstation-image-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await chmod(folder, 0o755);
  await writeFile(join(folder, "own_tool-1.0-py3-none-any.whl"), wheel("own_tool", "answer = 7\n"));
  const { exitCode, stdout, stderr } = await shellInImage(
    "uv venv -q ~/venv && uv pip install --python ~/venv/bin/python --no-index persistent-home/*.whl && ~/venv/bin/python -c 'import own_tool; print(own_tool.answer)'",
    { binds: [{ source: folder, target: paths.persistentHome, readOnly: true }] },
  );
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toBe("7\n");
  expect(stderr).not.toMatch(/warning/i);
});

test("a fresh virtual environment has pip and does not see the libraries of the image", async () => {
  const { stdout, stderr } = await shellInImage(
    "python3 -m venv /tmp/venv && /tmp/venv/bin/pip list --format=freeze | cut -d= -f1 && ! /tmp/venv/bin/python -c 'import numpy'",
  );
  expect(stdout, stderr).toMatch(/^pip\n/);
});

test("a virtual environment may be made on top of the libraries of the image", async () => {
  const { exitCode, stderr } = await shellInImage(
    "python3 -m venv --system-site-packages /tmp/venv && /tmp/venv/bin/python -c 'import numpy, torchless' 2>&1 | grep -q torchless",
  );
  expect(exitCode, stderr).toBe(0);
});

test("a user's package takes precedence and does not break poetry, uv or udocker", async (context) => {
  await skipWithout("proot-5.4.0", context);
  const { exitCode, stderr } = await shellInImage(
    [
      "site=$(python3 -m site --user-site) && mkdir -p $site",
      "echo 'raise SystemExit(9)' | tee $site/requests.py $site/packaging.py $site/urllib3.py >/dev/null",
      "python3 -c 'import packaging'; test $? = 9",
      "poetry --version && uv --version && udocker --version",
    ]
      .join(" && ")
      .replace("; test", " || test"),
  );
  expect(exitCode, stderr).toBe(0);
});

test("udocker says its version and has its programs at hand", async (context) => {
  await skipWithout("proot-5.4.0", context);
  const { stdout, stderr } = await runInImage(["udocker", "--version"]);
  expect(stdout, stderr).toMatch(/^version: /);
  const proot = await shellInImage(
    "$UDOCKER_BIN/proot-x86_64 --version && $UDOCKER_BIN/patchelf-x86_64 --version",
  );
  expect(proot.stdout, proot.stderr).toMatch(/5\.4\.0[\s\S]*seccomp_filter = yes[\s\S]*patchelf /);
});

test("less, unzip, ps, wget and curl are there", async () => {
  const { exitCode, stderr } = await shellInImage("command -v less unzip ps wget curl");
  expect(exitCode, stderr).toBe(0);
});

test("the runtime libraries of the desktop's Node are there", async () => {
  const { stdout } = await shellInImage("ldconfig -p");
  expect(stdout).toContain("libatomic.so.1");
  expect(stdout).toContain("libstdc++.so.6");
});
