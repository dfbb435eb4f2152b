import type { Io } from "../io.ts";
import type { JobState } from "../protocol/index.ts";

type Colour = "green" | "red" | "yellow" | "grey";
/** Gives text a colour, or leaves it as it is. */
export type Paint = (text: string, colour: Colour) => string;

// Select Graphic Rendition of ECMA-48.
const codes: Readonly<Record<Colour, number>> = { green: 32, red: 31, yellow: 33, grey: 90 };

/** Colours for a terminal; none for a file or a pipe, nor where NO_COLOR is set (no-color.org). */
export function painter(io: Io): Paint {
  const refused = (io.environment.NO_COLOR ?? "") !== "" || io.environment.TERM === "dumb";
  if (refused || io.stdout.isTTY !== true) return (text) => text;
  return (text, colour) => `\u001b[${codes[colour]}m${text}\u001b[0m`;
}

/** The colour of a job's state. */
export function stateColour(state: JobState): Colour {
  if (state === "succeeded") return "green";
  if (state === "failed" || state === "expired") return "red";
  return state === "deleted" ? "grey" : "yellow";
}
