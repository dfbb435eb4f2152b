import { parseArgs } from "node:util";
import { exitCodes, UserError } from "@workstation/cli";
import { shellWord } from "../../tools/images/src/run/again-command.ts";

/** Where a scheduler of one's own lies; what is not given is the machine's. */
export interface PlaceOptions {
  readonly help?: boolean | undefined;
  readonly state?: string | undefined;
  readonly run?: string | undefined;
  readonly instance?: string | undefined;
}

/** The options of `npm start` and `npm stop`. Throws `OPTION_UNKNOWN`. */
export function readOptions(argv: readonly string[]): PlaceOptions {
  try {
    const place = { type: "string" } as const;
    const options = {
      help: { type: "boolean", short: "h" },
      state: place,
      run: place,
      instance: place,
    } as const;
    return parseArgs({ args: [...argv], options }).values;
  } catch (cause) {
    throw new UserError("OPTION_UNKNOWN", (cause as Error).message.split(". ")[0] ?? "", {
      hint: "--help lists the options",
      exitCode: exitCodes.usage,
      cause,
    });
  }
}

/** The places again as they were given, for a command that means the same scheduler; with a blank before each. */
export function repeatPlaces({ state, run, instance }: PlaceOptions): string {
  return Object.entries({ state, run, instance })
    .map(([name, value]) => (value === undefined ? "" : ` --${name} ${shellWord(value)}`))
    .join("");
}
