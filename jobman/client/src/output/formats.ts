import { UserError } from "@workstation/cli";
import type { Arguments } from "../arguments/specification.ts";

const outputFormats = ["table", "wide", "json", "yaml", "name"] as const;
/** How a command writes its data. */
export type OutputFormat = (typeof outputFormats)[number];

/** The format that was asked for, if any. Throws `USAGE` for an unknown one. */
export function chosenFormat(given: Arguments): OutputFormat | undefined {
  const named = given.value("output");
  if (named === undefined) return given.has("json") ? "json" : undefined;
  const format = outputFormats.find((each) => each === named);
  if (format === undefined) {
    throw new UserError("USAGE", `"${named}" is no output format`, {
      hint: `formats: ${outputFormats.join(", ")}`,
    });
  }
  if (given.has("json") && format !== "json") {
    throw new UserError("USAGE", `--json and -o ${format} contradict each other`);
  }
  return format;
}
