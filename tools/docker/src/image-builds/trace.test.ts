import { createRequire } from "node:module";
import protobuf from "protobufjs";
import { expect, test } from "vitest";
import { BuildFailure } from "./build-failure.ts";
import { type BuildEvent, decodeTrace } from "./trace.ts";

const status = protobuf
  .loadSync(createRequire(import.meta.url).resolve("dockerode/lib/proto/buildkit_status.proto"))
  .lookupType("moby.buildkit.v1.StatusResponse");

function encode(message: object): string {
  return Buffer.from(status.encode(status.fromObject(message)).finish()).toString("base64");
}

const time = { seconds: 1, nanos: 2 };

test.each([
  ["started", { started: time }],
  ["cached", { started: time, completed: time, cached: true }],
  ["done", { started: time, completed: time }],
] as const)("a step that is %s is told as such", (state, vertex) => {
  expect(decodeTrace(encode({ vertexes: [{ digest: "d", name: "RUN x", ...vertex }] }))).toEqual([
    { type: "step", step: "d", name: "RUN x", state },
  ]);
});

test("a step that has not started yet is no event", () => {
  expect(decodeTrace(encode({ vertexes: [{ digest: "d", name: "RUN x" }] }))).toEqual([]);
});

test("output is text, whatever its language", () => {
  expect(decodeTrace(encode({ logs: [{ vertex: "d", stream: 2, msg: Buffer.from("größer\n") }] }))).toEqual([
    { type: "output", step: "d", stream: "stderr", text: "größer\n" },
  ]);
});

test("an empty message has no events", () => {
  expect(decodeTrace("")).toEqual([]);
});

test("a failure remembers the step that failed, not those that were stopped because of it", () => {
  const failure = new BuildFailure();
  const events: readonly BuildEvent[] = [
    { type: "step", step: "a", name: "RUN a", state: "started" },
    { type: "step", step: "b", name: "RUN b", state: "started" },
    { type: "output", step: "b", stream: "stdout", text: "half a " },
    { type: "output", step: "b", stream: "stdout", text: "line\nlast\n" },
    { type: "output", step: "b", stream: "stderr", text: "oh no\n" },
    { type: "failed", step: "a", error: "context canceled" },
    { type: "failed", step: "b", error: "exit code: 1" },
  ];
  for (const event of events) failure.remember(event);
  expect(failure.becauseOf("it failed")).toMatchObject({
    message: "it failed",
    step: "RUN b",
    output: ["half a line", "last", "oh no"],
  });
});
