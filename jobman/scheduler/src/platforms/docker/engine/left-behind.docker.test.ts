import { execFileSync } from "node:child_process";
import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { stateFolders } from "@workstation/site";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DockerFixture, makeDockerFixture } from "../../testing/docker-fixture.ts";
import { readLines } from "../../testing/output-lines.ts";

const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };

let fixture: DockerFixture;
let shared: string;
beforeAll(async () => {
  fixture = await makeDockerFixture();
  shared = stateFolders(fixture.state).sharedFolder;
  chmodSync(fixture.state, 0o755);
  chmodSync(shared, 0o1777);
});
afterAll(() => fixture.dispose());

async function outputOf(script: string): Promise<string> {
  const request = fixture.request({ arguments: ["bash", "-c", script] });
  await fixture.engine.create(request);
  expect((await fixture.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "admitted" });
  const log = fixture.engine.log(request.spec.id, { follow: true, signal: AbortSignal.timeout(30_000) });
  return (await readLines(log)).map((line) => line.data).join("");
}

test("a job has its user's group alone, and can give what it makes to no other", async () => {
  expect(await outputOf("id -G; touch /tmp/x && chgrp 0 /tmp/x 2>&1")).toMatch(
    /^20001\n.*Operation not permitted\n$/,
  );
});

test.skipIf(!isRoot)(
  "a setgid shell that a job leaves in the shared folder opens group 0 to nobody",
  async () => {
    const folder = "~/persistent-shared-folder";
    await outputOf(`cp /bin/bash ${folder}/shell && chgrp 0 ${folder}/shell; chmod 6755 ${folder}/shell`);
    const left = join(shared, "shell");
    const { uid, gid, mode } = statSync(left);
    expect([uid, gid, mode & 0o6777]).toEqual([20_001, 20_001, 0o6755]);
    const groups = execFileSync(left, ["-p", "-c", "id -G; id -g"], { ...nobody, encoding: "utf8" });
    expect(groups.split(/\s+/)).not.toContain("0");
  },
);
