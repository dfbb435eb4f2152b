import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadSite, type Site } from "@workstation/site";
import { expect, onTestFinished, test } from "vitest";
import { makeDockerFixture } from "../../testing/docker-fixture.ts";
import { watchEngine } from "../../testing/watcher.ts";
import { initErrorWords, initFailureWords } from "./init-outcome.ts";

const project = join(import.meta.dirname, "../../../../../..");

async function endOf(policy: Site["limits"]["initPolicy"], script: string) {
  const own = loadSite(join(project, "site.yaml"));
  const fixture = await makeDockerFixture({
    site: { ...own, limits: { ...own.limits, initPolicy: policy } },
  });
  const watcher = watchEngine(fixture.engine);
  try {
    const request = fixture.request({ arguments: ["bash", "-c", script] });
    await fixture.engine.create(request);
    await fixture.engine.admit([request]);
    return await watcher.phase(request.spec.id, "ended");
  } finally {
    await watcher.stop();
    await fixture.dispose();
  }
}

const says = `echo some output; echo 'workstation: ${initFailureWords}' >&2; exit 3`;

test("a job whose init.sh failed under the policy fail is told apart from a command that failed", async () => {
  expect(await endOf("fail", says)).toMatchObject({ exitCode: 3, initFailed: true });
  expect((await endOf("fail", "echo other words >&2; exit 3")).initFailed).toBeUndefined();
});

test("under the policy continue no words make it a failed init.sh", async () => {
  expect((await endOf("continue", says)).initFailed).toBeUndefined();
});

test("the words are those of the entry point", () => {
  expect(readFileSync(join(project, "init-scripts/entrypoint"), "utf8")).toContain(
    `die "$code" "${initFailureWords}"`,
  );
});

test("why init.sh failed is told while the job runs, and at its end, from behind the output of init.sh", async () => {
  const fixture = await makeDockerFixture();
  onTestFinished(() => fixture.dispose());
  const watcher = watchEngine(fixture.engine);
  onTestFinished(() => watcher.stop());
  const script = `for line in '---- init.sh starts ----' 'init.sh failed: says init.sh itself' \\
    '---- init.sh ended ----' 'init.sh failed: exit code 3'; do echo "workstation: $line" >&2; done
    until [ -e /tmp/end ]; do sleep 0.1; done`;
  const request = fixture.request({ arguments: ["bash", "-c", script] });
  await fixture.engine.create(request);
  await fixture.engine.admit([request]);
  const { id } = request.spec;
  await watcher.until(() => watcher.jobs.get(id)?.initError);
  expect(watcher.jobs.get(id)).toMatchObject({ phase: "running", initError: "exit code 3" });
  await fixture.engine.end(id, { graceSeconds: 0, keep: true });
  expect(await watcher.phase(id, "ended")).toMatchObject({ initError: "exit code 3" });
});

test("the words are those of the script that runs init.sh", () => {
  const script = readFileSync(join(project, "init-scripts/run-init"), "utf8");
  expect(script).toContain(`say "${initErrorWords.replace("workstation: ", "")}$3"`);
});
