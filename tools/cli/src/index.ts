export {
  type ImageReference,
  isImageReference,
  parseImageReference,
  printImageReference,
  tagOf,
  usualTag,
} from "./image-reference.ts";
export { printable, redact } from "./redact.ts";
export { createReporter, type Reporter, type TextSink } from "./reporter.ts";
export { describeError, runCommand } from "./run-command.ts";
export { shorten } from "./shorten.ts";
export { type Cell, cellText, formatTable } from "./table.ts";
export { formatBytes, formatClock, formatDuration, parseBytes, parseDuration } from "./units.ts";
export { exitCodes, UserError } from "./user-error.ts";
