import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { stateFolders } from "@workstation/site";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DockerFixture, makeDockerFixture } from "../../testing/docker-fixture.ts";
import { readLines } from "../../testing/output-lines.ts";
import { engineCapabilities } from "../engine/daemon-capabilities.ts";

const obstacle = process.getuid?.() === 0 ? undefined : "(needs root)";

describe.skipIf(obstacle !== undefined)(`a file system mounted in the datalake ${obstacle ?? ""}`, () => {
  let fixture: DockerFixture;
  let inner: string;
  beforeAll(async () => {
    fixture = await makeDockerFixture();
    inner = join(stateFolders(fixture.state).datalake, "inner");
    mkdirSync(inner);
    mkdirSync(join(stateFolders(fixture.state).datasets, "d1"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "mode=1777", "tmpfs", inner]);
  });
  afterAll(async () => {
    execFileSync("umount", [inner]);
    await fixture.dispose();
  });

  it("is not written by a job: the engine sees to it, or the job is refused", async () => {
    const script = "touch /mnt/datalake/inner/x 2>&1 || ls /mnt/datalake";
    const request = fixture.request({ arguments: ["bash", "-c", script], datasets: ["d1"] });
    if (!(await engineCapabilities(fixture.docker)).forcesReadOnly) {
      await expect(fixture.engine.create(request)).rejects.toMatchObject({ code: "MOUNT_NOT_READ_ONLY" });
      return;
    }
    await fixture.engine.create(request);
    await fixture.engine.admit([request]);
    const log = fixture.engine.log(request.spec.id, { follow: true, signal: AbortSignal.timeout(30_000) });
    const text = (await readLines(log)).map((line) => line.data).join("");
    expect(text).toContain("Read-only file system");
    expect(text).toMatch(/^inner$/m);
  });
});
