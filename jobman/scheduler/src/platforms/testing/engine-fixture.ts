import type { JobSpec } from "../../queue/model.ts";
import type { CreateRequest, Engine } from "../engine.ts";

/** What not every engine has or does; the suite asks for it only where it is there. */
export interface EngineCapabilities {
  /** Jobs run in an image with bash and the usual tools, as a user of the image's. */
  readonly hasShell: boolean;
  /** stdout and stderr are told apart. */
  readonly tellsStreamsApart: boolean;
  /** A command that cannot be executed is refused by the answer to its admission; else it fails as it runs. */
  readonly badCommandFailsAtAdmission: boolean;
  /** The object of an ended job is its record, and stays until the job is forgotten; else its output outlives the object. */
  readonly keepsRecords: boolean;
  /** Output is told as it is written, also in the middle of a line. */
  readonly tellsUnfinishedLines: boolean;
  /** What arguments and environment may take together. */
  readonly specificationBytes: number;
}

/** The arguments of jobs that every engine can run. */
export interface TestCommands {
  exit(code: number): readonly string[];
  /** Writes these lines to stdout, and ends with 0. */
  print(lines: readonly string[]): readonly string[];
  /** Writes the line, then runs until TERM, which ends it with 143. */
  wait(line: string): readonly string[];
}

/** An engine with nothing in it, and what a test may ask of it. */
export interface EngineFixture {
  readonly engine: Engine;
  /** A second scheduler's engine, of another instance in the same place. */
  readonly other: Engine;
  readonly commands: TestCommands;
  /** The shortest grace that a job can be ended with. */
  readonly shortGraceSeconds: number;
  /** A small job that runs the arguments. */
  request(
    parts: Partial<JobSpec> & Pick<JobSpec, "arguments">,
    environment?: Readonly<Record<string, string>>,
  ): CreateRequest;
  /** Removes everything that was made. */
  dispose(): Promise<void>;
}
