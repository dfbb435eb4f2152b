import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFakeEngine, type FakeEngine } from "../testing/fake-engine.ts";
import { makeSchedulerFixture, type SchedulerFixture } from "../testing/scheduler-fixture.ts";
import { inState, submit } from "../testing/steps.ts";

const isRoot = process.getuid?.() === 0;
let folder: string;
let engine: FakeEngine;
let fixture: SchedulerFixture;

describe.runIf(isRoot)("on a disk that is filled to its reserve", () => {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "jobman-full-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m,mode=755", "tmpfs", folder]);
    engine = createFakeEngine(Date.now);
    fixture = await makeSchedulerFixture({ engine, users: ["alice", "bob"], folder });
  });
  afterEach(async () => {
    await fixture.dispose();
    execFileSync("umount", ["--lazy", folder]);
    rmSync(folder, { recursive: true });
  });

  test("a new job is refused before anything is done, what runs is ended and written, and it is got over", async () => {
    const [alice, bob] = [fixture.as("alice"), fixture.as("bob")];
    const { id, name } = await submit(alice);
    await inState(alice, name, "running");
    const { bavail, bsize } = statfsSync(folder);
    const ballast = join(folder, "ballast");
    writeFileSync(ballast, Buffer.alloc(bavail * bsize - 40_000));
    const { status, body } = await bob("POST", "/v1/jobs", { arguments: ["true"] });
    expect([status, body.code]).toEqual([507, "STORAGE_FULL"]);
    expect([...engine.jobs.keys()]).toEqual([id]);
    engine.finish(id, 0);
    await inState(alice, name, "succeeded");
    await fixture.restart();
    const text = await readFile(join(fixture.state, "audit.jsonl"), "utf8");
    expect(text).toContain('"event":"end"');
    expect(text).not.toContain('"event":"refusal"');
    expect((await fixture.asOperator("GET", "/v1/status")).body.jobs).toEqual([]);
    await rm(ballast);
    await submit(bob);
  });
});
