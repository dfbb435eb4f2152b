import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hindrances } from "../hindrances.ts";
import { type PlainStart, preparePlainStart } from "../plain-start.ts";

const notify = `#!/bin/sh\nprintf '%s | %s\\n' "$1" "$2" >>"$WORKSTATION_RUN/notes"\n`;

/** Starts `init-news` on a display that is ready (this test's own process stands for its server). */
async function newsOf(start: PlainStart, status: string) {
  const folder = join(start.run, "desktop");
  const programs = join(start.run, "bin");
  await mkdir(folder);
  await mkdir(programs);
  await writeFile(join(folder, `display.${process.pid}`), "0\n");
  await writeFile(join(programs, "workstation-notify"), notify, { mode: 0o755 });
  await writeFile(join(start.run, "init.json"), status);
  const env = {
    WORKSTATION_DESKTOP: folder,
    PATH: `${programs}:${join(start.root, "usr/local/bin")}:${process.env.PATH}`,
  };
  return start.launch([], {
    script: join(start.root, "usr/local/lib/workstation/desktop/init-news"),
    env,
    ...(process.getuid === undefined ? {} : { uid: process.getuid() }),
  });
}

const notes = (start: PlainStart) => readFile(join(start.run, "notes"), "utf8").catch(() => "");

describe("init-news", () => {
  test("tells that init.sh ended well", async () => {
    const start = await preparePlainStart();
    await start.writeInit("pip install something\n");
    await (await newsOf(start, '{"state":"succeeded"}\n')).ended;
    expect(await notes(start)).toBe("init.sh has ended | All went well.\n");
  });

  test("tells that it failed, and why", async () => {
    const start = await preparePlainStart();
    await start.writeInit("exit 7\n");
    const status = '{"state":"failed","exitCode":7,"reason":"exit code 7","milliseconds":1}\n';
    await (await newsOf(start, status)).ended;
    expect(await notes(start)).toBe("init.sh: failed | exit code 7. See init.log in your home.\n");
  });

  test("is not held up by a FIFO in the place of the script", async () => {
    const start = await preparePlainStart();
    hindrances["a FIFO"]?.make(join(start.persistentHome, "init.sh"));
    const status = '{"state":"failed","exitCode":126,"reason":"it is not a file","milliseconds":1}\n';
    await (await newsOf(start, status)).ended;
    expect(await notes(start)).toBe("init.sh: failed | it is not a file. See init.log in your home.\n");
  });

  test("tells of one that takes its time that it runs, and of its end when it comes", async () => {
    const start = await preparePlainStart();
    await start.writeInit("sleep 5\n");
    const news = await newsOf(start, '{"state":"running"}\n');
    await expect.poll(() => notes(start), { timeout: 20_000 }).toContain("init.sh is running | ");
    await writeFile(join(start.run, "new"), '{"state":"succeeded"}\n');
    await rename(join(start.run, "new"), join(start.run, "init.json"));
    await news.ended;
    expect(await notes(start)).toMatch(/^init.sh is running \| .*\ninit.sh has ended \| All went well.\n$/);
  });
});
