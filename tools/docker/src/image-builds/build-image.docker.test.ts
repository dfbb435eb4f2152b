import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDocker, type DockerConnection } from "../connect.ts";
import { inspectImage, removeImage } from "../images/images.ts";
import { BuildFailure } from "./build-failure.ts";
import { type BuildRequest, buildImage } from "./build-image.ts";
import { packFiles } from "./pack-files.ts";
import type { BuildEvent } from "./trace.ts";

const run = randomBytes(4).toString("hex");
const base = "workstation-base:debian-12";
const made: string[] = [];
let docker: DockerConnection;

beforeAll(async () => {
  docker = await connectDocker();
  expect(await inspectImage(docker, base), `${base} is made by \`npm run images -- base\``).toBeDefined();
});

afterAll(async () => {
  for (const tag of made) await removeImage(docker, tag);
});

const dockerfile = (text: string) => ({ path: "Dockerfile", mode: 0o644, content: Buffer.from(text) });

function build(steps: string, given: Partial<BuildRequest> = {}) {
  const tag = `build-test:${run}-${made.length}`;
  made.push(tag);
  const events: BuildEvent[] = [];
  const done = buildImage(docker, {
    context: packFiles([dockerfile(`FROM ${base}\n# ${run}\n${steps}\n`)]),
    tags: [tag],
    labels: {},
    buildArguments: {},
    onEvent: (event) => events.push(event),
    ...given,
  });
  return { tag, events, done };
}

test("a build gives the image its tag and labels, and tells what it does", async () => {
  const { tag, events, done } = build(`RUN echo hello ${run}`, { labels: { "test.label": "a b" } });
  const id = await done;
  expect(await inspectImage(docker, tag)).toMatchObject({ id, labels: { "test.label": "a b" } });
  expect(events).toContainEqual(expect.objectContaining({ type: "output", text: `hello ${run}\n` }));
  expect(events).toContainEqual(
    expect.objectContaining({
      type: "step",
      name: expect.stringContaining("RUN echo hello"),
      state: "started",
    }),
  );
});

test("a new label alone repeats no step", async () => {
  const step = `RUN echo ${run}; date +%N > /when`;
  const first = build(step, { labels: { "test.key": "1" } });
  await first.done;
  const second = build(step, { labels: { "test.key": "2" } });
  await second.done;
  const [a, b] = [await inspectImage(docker, first.tag), await inspectImage(docker, second.tag)];
  expect(b?.diffIds).toEqual(a?.diffIds);
  expect(b?.labels["test.key"]).toBe("2");
  expect(second.events).not.toContainEqual(expect.objectContaining({ type: "output" }));
});

test("a step that fails is named, with the last it printed and its exit code", async () => {
  const { tag, done } = build("RUN for i in $(seq 100); do echo line $i; done; echo broken >&2; exit 9");
  const failure = await done.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(BuildFailure);
  const { message, step, output } = failure as BuildFailure;
  expect(message).toContain("exit code: 9");
  expect(step).toContain("RUN for i in");
  expect(output.length).toBeLessThanOrEqual(40);
  expect(output).toEqual(expect.arrayContaining(["broken", "line 100"]));
  expect(await inspectImage(docker, tag)).toBeUndefined();
});

test("a Dockerfile that cannot be read is a failure with the engine's words", async () => {
  await expect(build("RUNE echo").done).rejects.toThrow(/unknown instruction/i);
});

test("a stop ends the running step, and sets no tag", async () => {
  const stop = new AbortController();
  const { tag, done } = build(`RUN echo ${run} begun; sleep 600`, {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === "output") stop.abort(new Error("stopped by the test"));
    },
  });
  const started = performance.now();
  await expect(done).rejects.toThrow("stopped by the test");
  expect(performance.now() - started).toBeLessThan(60_000);
  expect(await inspectImage(docker, tag)).toBeUndefined();
});

test("a stop before the start starts nothing", async () => {
  await expect(build("RUN true", { signal: AbortSignal.abort(new Error("too late")) }).done).rejects.toThrow(
    "too late",
  );
});
