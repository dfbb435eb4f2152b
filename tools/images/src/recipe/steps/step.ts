import { contextFolders } from "../context-entries.ts";

/** A piece of a Dockerfile. */
export interface Step {
  readonly lines: readonly string[];
  /** Arguments of COPY lines that bring its inputs into the stage `build`. */
  readonly copies: readonly string[];
}

/**
 * Where a step finds its inputs, caches and borrowed programs. These folders exist, empty, in every base: a mount on a
 * folder that does not exist would leave it behind, with the time of the build.
 */
export const mountPoints = { inputs: "/srv", cache: "/media", borrowed: "/mnt" } as const;

/** A RUN that mounts what it needs, runs `commands` one after the other, and leaves no trace of when it ran. */
export function runStep(
  name: string,
  options: {
    readonly inputs?: string;
    readonly mounts?: readonly string[];
    readonly commands: readonly string[];
    /** A rule of hadolint that the step breaks, and the reason why it may. */
    readonly exemption?: string;
  },
): Step {
  const mounts = [
    `type=bind,from=build,source=/${name},target=${mountPoints.inputs}`,
    ...(options.mounts ?? []),
  ].map((mount) => `--mount=${mount}`);
  const commands = [`. ${mountPoints.inputs}/build-step`, ...options.commands, "seal"];
  const inputs = options.inputs === undefined ? "" : `${options.inputs}/ `;
  return {
    lines: [
      ...(options.exemption === undefined ? [] : [`# hadolint ignore=${options.exemption}`]),
      `RUN ${[...mounts, commands.join(" \\\n && ")].join(" \\\n    ")}`,
    ],
    copies: [`${contextFolders.buildStep}/ ${inputs}build-ca/ /${name}/`],
  };
}

/** Words one below the other, as the continuation of a command. */
export function indented(words: readonly string[]): string {
  return words.map((word) => ` \\\n      ${word}`).join("");
}
