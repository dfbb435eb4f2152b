import type { Layer } from "../../family/layer.ts";
import { contextFolders } from "../context-entries.ts";
import { mountPoints, runStep, type Step } from "./step.ts";

/** Puts the layer's files, and what its stages built, into the image. */
export function filesStep(layer: Layer): Step {
  const built = layer.stages.length > 0;
  return runStep("files", {
    inputs: contextFolders.files,
    mounts: built ? [`type=bind,from=built,target=${mountPoints.borrowed}`] : [],
    commands: ["put_files /srv/root", ...(built ? [`put_files ${mountPoints.borrowed}`] : [])],
  });
}
