import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Layer } from "../family/layer.ts";
import type { Finding } from "./run-linters.ts";

/** What a layer must have beside its `layer.ts`: words for researchers, a test, and the requirements that it promises. */
export function lookAtLayers(root: string, layers: readonly Layer[]): readonly Finding[] {
  return layers.map((layer) => {
    const faults = faultsOf(root, layer);
    const state = faults.length === 0 ? "passed" : "failed";
    return { linter: "layer", subject: `images/${layer.name}`, state, output: faults.join("\n") };
  });
}

function faultsOf(root: string, layer: Layer): readonly string[] {
  const folder = join(root, "images", layer.name);
  const readme = join(folder, "README.md");
  const has = (pattern: string): boolean => globSync(pattern, { cwd: folder }).length > 0;
  const described = existsSync(readme) && readFileSync(readme, "utf8").trim() !== "";
  return [
    ...(described ? [] : ["it has no README.md, which `jobman image-details` shows"]),
    ...(has("**/*.test.ts") ? [] : ["it has no test (*.test.ts): nothing would show that it works"]),
    ...(!layer.python || has("requirements*.in") ? [] : ["it has no requirements.in, but says python: true"]),
    ...(layer.tools === undefined || has("tools.in") ? [] : ["it has no tools.in, but names tools"]),
  ];
}
