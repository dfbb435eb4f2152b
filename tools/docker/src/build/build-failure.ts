import type { BuildEvent } from "./trace.ts";

const linesKept = 40;

/** A build that failed: which step, and the last it printed. */
export class BuildFailure extends Error {
  /** The failed step as BuildKit names it (`[stage 3/5] RUN …`); undefined when no step ran. */
  step: string | undefined;
  /** The last lines the failed step printed. */
  output: readonly string[] = [];

  readonly #names = new Map<string, string>();
  readonly #printed = new Map<string, string>();
  #failed: string | undefined;

  constructor() {
    super("the build failed");
    this.name = "BuildFailure";
  }

  /** Takes note of an event, so that a later failure can tell what led to it. */
  remember(event: BuildEvent): void {
    if (event.type === "step") this.#names.set(event.step, event.name);
    if (event.type === "failed" && !/context canceled/.test(event.error)) this.#failed ??= event.step;
    if (event.type !== "output") return;
    const text = (this.#printed.get(event.step) ?? "") + event.text;
    this.#printed.set(event.step, text.split("\n").slice(-linesKept).join("\n"));
  }

  /** This failure, complete with the engine's message. */
  becauseOf(message: string): this {
    this.message = message;
    if (this.#failed !== undefined) {
      this.step = this.#names.get(this.#failed);
      this.output = (this.#printed.get(this.#failed) ?? "").trimEnd().split("\n");
    }
    return this;
  }
}
