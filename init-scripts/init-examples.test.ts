import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { examples, withExample } from "./examples.ts";
import { preparePlainStart } from "./plain-start.ts";
import { wheel } from "./wheel.ts";

const hasVenv = spawnSync("python3", ["-c", "import venv, ensurepip"]).status === 0;

const shared = mkdtempSync(join(tmpdir(), "init-examples-"));
afterAll(() => rmSync(shared, { recursive: true, force: true }));

describe("the examples of the default init.sh", () => {
  test("are numbered from 1 on and each is shell once its comment signs are gone", async () => {
    const blocks = await examples();
    expect(blocks.map((each) => each.number)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const { code } of blocks) execFileSync("bash", ["-n"], { input: code });
  });

  test("example 2 puts one's own programs on the PATH of the command", async () => {
    const start = await preparePlainStart();
    const tools = join(start.persistentHome, "my-tools/bin");
    await mkdir(tools, { recursive: true });
    await writeFile(join(tools, "my-tool"), "#!/bin/sh\necho it works\n");
    spawnSync("chown", ["-R", "1000:1000", start.persistentHome]);
    await start.writeInit(await withExample(2));
    expect(await start.start(["my-tool"])).toMatchObject({ stdout: "it works\n", code: 0 });
  });

  test("example 6 gives the command an environment that sees the libraries below it", {
    timeout: 120_000,
  }, async ({ skip }) => {
    skip(!hasVenv, "needs python3 with venv");
    const start = await preparePlainStart();
    await start.writeInit(await withExample(6));
    const line = "import sys; print(sys.prefix); print(open(sys.prefix + '/pyvenv.cfg').read())";
    const ended = await start.start(["python", "-c", line], { uid: Number(process.getuid?.()) });
    expect(ended.stdout).toContain(`${start.home}/my-environment\n`);
    expect(ended.stdout).toContain("include-system-site-packages = true\n");
  });

  test.for([
    [3, "persistent-home/my-wheels", ["own_tool"]],
    [4, "persistent-shared-folder/python-packages", ["catboost", "lifelines"]],
  ] as const)(
    "example %i installs from %s without any index",
    { timeout: 120_000 },
    async ([number, folder, names], { skip }) => {
      skip(!hasVenv, "needs python3 with venv");
      const start = await preparePlainStart();
      const wheels = join(start.home, folder);
      await mkdir(wheels, { recursive: true });
      for (const name of names) {
        await writeFile(join(wheels, `${name}-1.0-py3-none-any.whl`), wheel(name, `answer = "${name}"\n`));
      }
      await start.writeInit(await withExample(number));
      const env = {
        PATH: `${makeVenv()}/bin:/usr/bin:/bin`,
        PIP_INDEX_URL: "http://127.0.0.1:9/",
        PIP_NO_INDEX: "0",
      };
      const line = `import ${names.join(", ")}; print(${names[0]}.answer)`;
      const ended = await start.start(["python", "-c", line], { env, uid: Number(process.getuid?.()) });
      expect(await start.status()).toMatchObject({ state: "succeeded" });
      expect(ended).toMatchObject({ stdout: `${names[0]}\n`, code: 0 });
    },
  );
});

/** One for all tests: it takes seconds to make. */
function makeVenv(): string {
  const folder = join(shared, "venv");
  if (!existsSync(folder)) execFileSync("python3", ["-m", "venv", folder]);
  return folder;
}
