import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { stateFolders } from "@workstation/site";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DockerBed, makeDockerBed } from "../../testing/docker-bed.ts";
import { readLines } from "../../testing/output-lines.ts";
import { engineCapabilities } from "../engine/engine-capabilities.ts";

const obstacle = process.getuid?.() === 0 ? undefined : "(needs root)";

describe.skipIf(obstacle !== undefined)(`a file system mounted in the datalake ${obstacle ?? ""}`, () => {
  let bed: DockerBed;
  let inner: string;
  beforeAll(async () => {
    bed = await makeDockerBed();
    inner = join(stateFolders(bed.state).datalake, "inner");
    mkdirSync(inner);
    mkdirSync(join(stateFolders(bed.state).datasets, "d1"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "mode=1777", "tmpfs", inner]);
  });
  afterAll(async () => {
    execFileSync("umount", [inner]);
    await bed.dispose();
  });

  it("is not written by a job: the engine sees to it, or the job is refused", async () => {
    const script = "touch /mnt/datalake/inner/x 2>&1 || ls /mnt/datalake";
    const request = bed.request({ arguments: ["bash", "-c", script], datasets: ["d1"] });
    if (!(await engineCapabilities(bed.docker)).forcesReadOnly) {
      await expect(bed.engine.create(request)).rejects.toMatchObject({ code: "MOUNT_NOT_READ_ONLY" });
      return;
    }
    await bed.engine.create(request);
    await bed.engine.admit([request]);
    const log = bed.engine.log(request.spec.id, { follow: true, signal: AbortSignal.timeout(30_000) });
    const text = (await readLines(log)).map((line) => line.data).join("");
    expect(text).toContain("Read-only file system");
    expect(text).toMatch(/^inner$/m);
  });
});
