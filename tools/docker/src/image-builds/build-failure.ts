import type { BuildEvent } from "./trace.ts";

/** Of each stream: the engine sends them side by side, and one must not push the other out. */
const linesKept = 20;

/** A build that failed: which step, and the last it printed. */
export class BuildFailure extends Error {
  /** The failed step as BuildKit names it (`[stage 3/5] RUN …`); undefined when no step ran. */
  step: string | undefined;
  /** The last lines the failed step printed: of stdout, then of stderr. */
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
    const key = `${event.stream} ${event.step}`;
    const lines = ((this.#printed.get(key) ?? "") + event.text).split("\n");
    this.#printed.set(key, lines.slice(-linesKept - 1).join("\n"));
  }

  /** This failure, complete with the engine's message. */
  becauseOf(message: string): this {
    this.message = message;
    if (this.#failed !== undefined) {
      this.step = this.#names.get(this.#failed);
      this.output = ["stdout", "stderr"].flatMap((stream) => this.#linesOf(`${stream} ${this.#failed}`));
    }
    return this;
  }

  #linesOf(key: string): readonly string[] {
    const text = (this.#printed.get(key) ?? "").trimEnd();
    return text === "" ? [] : text.split("\n");
  }
}
