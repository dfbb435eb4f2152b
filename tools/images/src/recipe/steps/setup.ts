import { contextFolders } from "../context-entries.ts";
import { runStep, type Step } from "./step.ts";

/** Runs the layer's own script, as root, when all else of the layer is in place. */
export function setupStep(): Step {
  return runStep("setup", { inputs: contextFolders.setup, commands: ["/srv/setup"] });
}
