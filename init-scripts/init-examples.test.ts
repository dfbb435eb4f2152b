import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { examples, withExample } from "./examples.ts";
import { preparePlainStart } from "./plain-start.ts";
import { wheel } from "./wheel.ts";

const venv = spawnSync("python3", ["-c", "import venv, ensurepip"]).status === 0;

describe("the examples of the default init.sh", () => {
  test("are numbered from 1 on and each is shell once its comment signs are gone", async () => {
    const blocks = await examples();
    expect(blocks.map((each) => each.number)).toEqual([1, 2, 3, 4, 5]);
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

  test.for([
    [3, "persistent-home/my-wheels"] as const,
    [4, "persistent-shared-folder/python-packages"] as const,
  ])(
    "example %i installs from %s without any index",
    { timeout: 120_000 },
    async ([number, folder], { skip }) => {
      skip(!venv, "needs python3 with venv");
      const start = await preparePlainStart();
      const wheels = join(start.home, folder);
      await mkdir(wheels, { recursive: true });
      for (const name of ["catboost", "lifelines"]) {
        await writeFile(
          join(wheels, `${name}-1.0-py3-none-any.whl`),
          wheel(name, `answer = "${name} from a wheel"\n`),
        );
      }
      execFileSync("python3", ["-m", "venv", join(start.home, "venv")]);
      await start.writeInit(await withExample(number));
      const env = {
        PATH: `${start.home}/venv/bin:/usr/bin:/bin`,
        PIP_INDEX_URL: "http://127.0.0.1:9/",
        PIP_NO_INDEX: "0",
      };
      const ended = await start.start(
        ["python", "-c", "import lifelines, catboost; print(lifelines.answer)"],
        {
          env,
          uid: Number(process.getuid?.()),
        },
      );
      expect(await start.status()).toMatchObject({ state: "succeeded" });
      expect(ended).toMatchObject({ stdout: "lifelines from a wheel\n", code: 0 });
    },
  );
});
