import type { JobSpec } from "../../queue/model.ts";
import type { CreateRequest, Engine } from "../engine.ts";

/** An engine with nothing in it, and what a test may ask of it. */
export interface EngineFixture {
  readonly engine: Engine;
  /** A second scheduler's engine, of another instance in the same place. */
  readonly other: Engine;
  /** A small job that runs the arguments in an image with a shell. */
  request(
    parts: Partial<JobSpec> & Pick<JobSpec, "arguments">,
    environment?: Readonly<Record<string, string>>,
  ): CreateRequest;
  /** Removes everything that was made. */
  dispose(): Promise<void>;
}
