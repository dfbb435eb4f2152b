import type { LogLine } from "@workstation/jobman/protocol";
import { expect } from "vitest";
import type { CreateRequest } from "../engine.ts";
import type { EngineBed } from "../testing/engine-bed.ts";
import type { Watcher } from "../testing/watcher.ts";

/** The engine under test, and what its tests do with it. */
export interface ContractTools {
  readonly bed: EngineBed;
  /** A watch from before the test began. */
  readonly watcher: Watcher;
  /** A job that was not made. */
  shell(script: string): CreateRequest;
  hold(script: string): Promise<CreateRequest>;
  /** The id of a job that was started. */
  start(script: string): Promise<string>;
  /** All lines behind `after`, until the job has ended. */
  linesOf(id: string, after?: string, follow?: boolean): Promise<readonly LogLine[]>;
  outputOf(script: string): Promise<string>;
  firstLine(id: string): Promise<LogLine>;
}

/** Tools over what a test's set-up puts in `now`. */
export function makeTools(now: {
  readonly bed: () => EngineBed;
  readonly watcher: () => Watcher;
}): ContractTools {
  const engine = () => now.bed().engine;
  const tools: ContractTools = {
    get bed() {
      return now.bed();
    },
    get watcher() {
      return now.watcher();
    },
    shell: (script) => now.bed().request({ arguments: ["bash", "-c", script] }),
    async hold(script) {
      const request = tools.shell(script);
      await engine().create(request);
      return request;
    },
    async start(script) {
      const request = await tools.hold(script);
      const outcomes = await engine().admit([request]);
      expect(outcomes.get(request.spec.id)).toEqual({ outcome: "started" });
      return request.spec.id;
    },
    linesOf(id, after, follow = true) {
      const signal = AbortSignal.timeout(60_000);
      const cursor = after === undefined ? {} : { after };
      return Array.fromAsync(engine().log(id, { follow, signal, ...cursor }));
    },
    async outputOf(script) {
      const lines = await tools.linesOf(await tools.start(script));
      return lines.map((line) => line.data).join("");
    },
    async firstLine(id) {
      const stop = new AbortController();
      for await (const line of engine().log(id, { follow: true, signal: stop.signal })) {
        stop.abort();
        return line;
      }
      throw new Error("the job ended without a line");
    },
  };
  return tools;
}
