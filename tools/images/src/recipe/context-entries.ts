import { UserError } from "@workstation/cli";
import type { ImageVariant } from "../family/image.ts";
import { type Content, heldContent } from "./content.ts";
import { bringsUv, type InputFile, type LayerInputs } from "./layer-inputs.ts";

/** One file of a build context. */
export interface ContextEntry {
  /** Path in the context. */
  readonly path: string;
  readonly mode: number;
  readonly content: Content;
  /** Where it comes from, as a person knows it: a path in the repository. */
  readonly origin: string;
}

/** The folders of a context that steps of the Dockerfile mount; each step sees its own alone. */
export const contextFolders = {
  buildStep: "build/step",
  installer: "build/installer",
  python: "build/python",
  tools: "build/tools",
  files: "build/files",
  setup: "build/setup",
  stage: (name: string) => `build/stage-${name}`,
} as const;

/** What the context of an image holds besides its Dockerfile and `build-ca/`, in a fixed order. */
export function contextEntries(image: ImageVariant, inputs: LayerInputs): readonly ContextEntry[] {
  const optional = (folder: string, file: InputFile | undefined): readonly ContextEntry[] =>
    file === undefined ? [] : [below(folder, file)];
  const entries = [
    below(contextFolders.buildStep, inputs.buildStep),
    ...optional(contextFolders.python, inputs.requirements),
    ...optional(contextFolders.tools, inputs.tools),
    ...(inputs.tools !== undefined && bringsUv(image, inputs) ? [installerLock(inputs.tools)] : []),
    ...inputs.files.map((file) => below(`${contextFolders.files}/root`, file)),
    ...optional(contextFolders.setup, inputs.setup),
    ...inputs.stages.flatMap(({ name, script, sources, lacking }) => [
      below(contextFolders.stage(name), script),
      ...optional(contextFolders.stage(name), lacking),
      ...sources.map((file) => below(`${contextFolders.stage(name)}/sources`, file)),
    ]),
  ];
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** The build installs with the very uv that the image holds: its lines of the lock. */
function installerLock(tools: InputFile): ContextEntry {
  const lines = tools.content.read().toString().split("\n");
  const start = lines.findIndex((line) => line.startsWith("uv=="));
  if (start === -1) {
    throw new UserError("LOCK_INVALID", `${tools.origin} does not name uv, which builds install with`, {
      hint: "list uv in the layer's tools.in, then: npm run images -- lock",
    });
  }
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => !line.startsWith(" "));
  const own = [lines[start], ...rest.slice(0, end === -1 ? rest.length : end)];
  return {
    path: `${contextFolders.installer}/uv.lock.txt`,
    mode: 0o644,
    content: heldContent(Buffer.from(`${own.join("\n").trimEnd()}\n`)),
    origin: tools.origin,
  };
}

function below(folder: string, file: InputFile): ContextEntry {
  return { ...file, path: `${folder}/${file.path}` };
}
