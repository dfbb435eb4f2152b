import { posix } from "node:path";
import type { Distribution } from "@workstation/site";
import type { BuildStage, Layer } from "../../family/layer.ts";
import { contextFolders } from "../context-entries.ts";
import { installPackages, packageCaches, unpinned } from "./packages.ts";
import { runStep, type Step } from "./step.ts";

/** One stage for each thing that a layer builds, and `built`, which gathers what they produced. */
export function builtStages(layer: Layer, distribution: Distribution): readonly Step[] {
  if (layer.stages.length === 0) return [];
  const gather = layer.stages.map((stage) => `COPY --from=${stageName(stage)} /out/ /`);
  return [
    ...layer.stages.map((stage) => oneStage(stage, distribution)),
    { lines: ["FROM scratch AS built", ...gather], copies: [] },
  ];
}

function oneStage(stage: BuildStage, distribution: Distribution): Step {
  const packages = stage.apt[distribution];
  const run = runStep(stageName(stage), {
    inputs: contextFolders.stage(stage.name),
    ...(packages.length === 0 ? {} : { exemption: unpinned }),
    mounts: packages.length === 0 ? [] : packageCaches(distribution),
    commands: [
      ...(packages.length === 0 ? [] : installPackages(packages)),
      "run_in_new_folder /opt/stage /srv/build",
      ...stage.produces.map(keepProduct),
    ],
  });
  return { lines: [`FROM packages AS ${stageName(stage)}`, ...run.lines], copies: run.copies };
}

function keepProduct({ from, to, mode }: BuildStage["produces"][number]): string {
  const [made, out] = [`/opt/stage/${from}`, `/out${to}`];
  if (mode !== undefined) return `keep_made ${octal(mode)} ${made} ${out}`;
  return `mkdir -p ${posix.dirname(out)} && if [ ! -e /srv/missing-assets ]; then cp -R ${made} ${out}; fi`;
}

function stageName(stage: BuildStage): string {
  return `stage-${stage.name}`;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
