import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type PlainStart, preparePlainStart } from "./plain-start.ts";

describe("workstation-init-status", () => {
  test("calls a finished init.sh healthy", async () => {
    const start = await preparePlainStart();
    await start.start(["true"]);
    expect(await ask(start)).toMatchObject({ stdout: "healthy\n", code: 0 });
    expect(await ask(start, "--health")).toMatchObject({ code: 0 });
  });

  test("calls a start without init.sh healthy", async () => {
    const start = await preparePlainStart();
    await rm(start.persistentHome, { recursive: true });
    await writeFile(start.persistentHome, "no folder");
    await start.start(["true"]);
    expect(await start.status()).toMatchObject({ state: "skipped" });
    expect(await ask(start)).toMatchObject({ stdout: "healthy\n", code: 0 });
  });

  test("gives the reason of a failure", async () => {
    const start = await preparePlainStart();
    await start.writeInit("exit 3\n");
    await start.start(["true"]);
    expect(await ask(start)).toMatchObject({ stdout: "failed: exit code 3\n", code: 1 });
    expect(await ask(start, "--health")).toMatchObject({ code: 1 });
  });

  test("tells running from healthy, except to a health check", async () => {
    const start = await preparePlainStart();
    await start.writeInit("echo working; sleep 600\n");
    const started = start.launch(["true"]);
    await started.wrote("stderr", "working");
    expect(await ask(start)).toMatchObject({ stdout: "running\n", code: 3 });
    expect(await ask(start, "--health")).toMatchObject({ stdout: "running\n", code: 0 });
    started.child.kill("SIGTERM");
    await started.ended;
  });

  test("prints the status itself with --json", async () => {
    const start = await preparePlainStart();
    await start.start(["true"]);
    expect(JSON.parse((await ask(start, "--json")).stdout)).toEqual(await start.status());
  });

  test("finds the status also where the entrypoint had to choose another folder", async () => {
    const start = await preparePlainStart();
    const env = { WORKSTATION_RUN: "/proc" };
    await start.start(["true"], { env });
    const script = join(start.root, "usr/local/bin/workstation-init-status");
    expect(await start.start([], { script, env })).toMatchObject({ stdout: "healthy\n", code: 0 });
  });

  test("is unknown without a status, or with something else in its place", async () => {
    const start = await preparePlainStart();
    expect(await ask(start)).toMatchObject({ code: 4 });
    await writeFile(join(start.run, "init.json"), "not a status\n");
    expect(await ask(start)).toMatchObject({ code: 4 });
    await writeFile(join(start.run, "init.json"), "");
    expect(await ask(start)).toMatchObject({ code: 4 });
  });

  test("refuses an option that it does not know", async () => {
    const start = await preparePlainStart();
    expect(await ask(start, "--help-me")).toMatchObject({ code: 2, stdout: "" });
  });
});

function ask(start: PlainStart, ...args: string[]) {
  return start.start(args, { script: join(start.root, "usr/local/bin/workstation-init-status") });
}
