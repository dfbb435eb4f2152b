import type { LogPiece } from "@workstation/jobman/protocol";
import { expect } from "vitest";
import type { CreateRequest } from "../engine.ts";
import type { EngineCapabilities, EngineFixture } from "../testing/engine-fixture.ts";
import { linesIn, type OutputLine, pieceText } from "../testing/output-lines.ts";
import type { Watcher } from "../testing/watcher.ts";

/** The engine under test, and what its tests do with it. */
export interface ContractTools {
  readonly can: EngineCapabilities;
  readonly fixture: EngineFixture;
  /** A watch from before the test began. */
  readonly watcher: Watcher;
  /** A job that was not made. */
  job(command: Command): CreateRequest;
  hold(command: Command): Promise<CreateRequest>;
  /** The id of a job that was started. */
  start(command: Command): Promise<string>;
  /** All output behind `after`, until the job has ended. */
  piecesOf(id: string, after?: string, follow?: boolean): Promise<readonly LogPiece[]>;
  /** The same, line by line. */
  linesOf(id: string, after?: string, follow?: boolean): Promise<readonly OutputLine[]>;
  outputOf(script: string): Promise<string>;
  /** The first that the job writes; the job goes on. */
  firstPiece(id: string): Promise<LogPiece>;
}

/** A job's arguments, or a script for engines with a shell. */
type Command = readonly string[] | string;

/** Tools over what a test's set-up puts in `now`. */
export function makeTools(now: {
  readonly can: EngineCapabilities;
  readonly fixture: () => EngineFixture;
  readonly watcher: () => Watcher;
}): ContractTools {
  const engine = () => now.fixture().engine;
  const tools: ContractTools = {
    can: now.can,
    get fixture() {
      return now.fixture();
    },
    get watcher() {
      return now.watcher();
    },
    job: (command) =>
      now.fixture().request({ arguments: typeof command === "string" ? ["bash", "-c", command] : command }),
    async hold(command) {
      const request = tools.job(command);
      return { ...request, spec: await engine().create(request) };
    },
    async start(command) {
      const request = await tools.hold(command);
      const outcomes = await engine().admit([request]);
      expect(outcomes.get(request.spec.id)).toEqual({ outcome: "admitted" });
      return request.spec.id;
    },
    piecesOf(id, after, follow = true) {
      const signal = AbortSignal.timeout(60_000);
      const cursor = after === undefined ? {} : { after };
      return Array.fromAsync(engine().log(id, { follow, signal, ...cursor }));
    },
    linesOf: async (...wanted) => linesIn(await tools.piecesOf(...wanted)),
    async outputOf(script) {
      const pieces = await tools.piecesOf(await tools.start(script));
      return pieces.map(pieceText).join("");
    },
    async firstPiece(id) {
      const stop = new AbortController();
      for await (const piece of engine().log(id, { follow: true, signal: stop.signal })) {
        stop.abort();
        return piece;
      }
      throw new Error("the job ended without output");
    },
  };
  return tools;
}
