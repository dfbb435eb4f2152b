import type { Engine } from "../platforms/engine.ts";
import type { EngineCapabilities, EngineFixture } from "../platforms/testing/engine-fixture.ts";
import { makeSpec } from "../platforms/testing/job-spec.ts";
import { createFakeEngine, type FakeEngine } from "./fake-engine.ts";

export const fakeCapabilities: EngineCapabilities = {
  hasShell: false,
  tellsStreamsApart: false,
  badCommandFailsAtAdmission: false,
  keepsRecords: false,
  tellsUnfinishedLines: true,
  specificationBytes: 1_048_576,
};

/** The engine in memory, as the suite of all engines sees it: its jobs do what their arguments say. */
export async function makeFakeEngineFixture(): Promise<EngineFixture> {
  return {
    engine: playJobs(createFakeEngine(Date.now)),
    other: createFakeEngine(Date.now),
    commands: {
      exit: (code) => ["exit", String(code)],
      print: (lines) => ["print", ...lines],
      wait: (line) => ["wait", line],
    },
    shortGraceSeconds: 1,
    request: (parts, environment = {}) => ({
      spec: makeSpec({ image: "none", ...parts }),
      environment,
      resources: { cores: 1, memoryBytes: 256e6 },
    }),
    dispose: async () => undefined,
  };
}

function playJobs(engine: FakeEngine): Engine {
  return {
    ...engine,
    async admit(requests) {
      const answers = await engine.admit(requests);
      for (const { spec } of requests) {
        if (answers.get(spec.id)?.outcome === "admitted") play(engine, spec.id, spec.arguments);
      }
      return answers;
    },
  };
}

function play(engine: FakeEngine, id: string, [verb, ...words]: readonly string[]): void {
  if (verb === "print" || verb === "wait") for (const line of words) engine.write(id, `${line}\n`);
  if (verb === "print") engine.finish(id, 0);
  else if (verb === "exit") engine.finish(id, Number(words[0]));
  else if (verb !== "wait") engine.finish(id, 127);
}
