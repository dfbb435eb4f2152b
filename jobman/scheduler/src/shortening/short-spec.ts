import type { JobSpec } from "../queue/model.ts";
import { commandRoom, cutTexts, fitsUncut } from "./cut-texts.ts";

/** A specification as it is kept when nothing will be started from it any more: a long command is cut, and says so. */
export function shortSpec(spec: JobSpec): JobSpec {
  if (fitsUncut(spec.arguments, commandRoom)) return spec;
  return { ...spec, arguments: cutTexts(spec.arguments, commandRoom) };
}
