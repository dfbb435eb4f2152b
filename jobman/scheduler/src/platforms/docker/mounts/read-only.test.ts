import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insistOnReadOnly } from "./read-only.ts";

describe("a folder that is only to be read", () => {
  let folder: string;
  let table: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "workstation-mounts-"));
    mkdirSync(join(folder, "lake"));
    symlinkSync(join(folder, "lake"), join(folder, "link"));
    table = join(folder, "mountinfo");
    writeFileSync(
      table,
      `1 2 0:1 / / rw - ext4 /dev/x rw\n3 1 0:2 / ${folder}/lake/in\\040side rw - nfs a:/ rw\n`,
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const check = (source: string, readOnly: boolean, forces = async () => false) =>
    insistOnReadOnly([{ source: join(folder, source), target: "/mnt/datalake", readOnly }], forces, table);

  it.each(["lake", "link"])(
    "is refused as %s when the engine would leave a mount in it writable",
    async (source) => {
      await expect(check(source, true)).rejects.toMatchObject({
        code: "MOUNT_NOT_READ_ONLY",
        message: expect.stringContaining("lake/in side"),
      });
    },
  );

  it("is taken when it may be written, when nothing is mounted in it, and by an engine that sees to it", async () => {
    const notAsked = () => Promise.reject(new Error("there is nothing to ask the engine for"));
    await check("lake", false, notAsked);
    await check("lakeside", true, notAsked);
    await check("lake", true, async () => true);
  });
});
