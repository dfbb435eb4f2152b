import { fileURLToPath } from "node:url";
import { type Places, placesFor } from "@workstation/site";

/** Options that several commands share. */
export interface PlaceOptions {
  readonly state?: string;
  readonly run?: string;
  readonly instance?: string;
}

export const standardInstance = "main";

/** The account that runs this command. */
export function ownUid(): number {
  return process.getuid?.() ?? 0;
}

/** The places that were named, else those of the account. */
export function placesOf(options: PlaceOptions): Places {
  const standard = placesFor(ownUid(), process.env);
  return { state: options.state ?? standard.state, run: options.run ?? standard.run };
}

/** The project's own site file. */
export const standardSiteFile = fileURLToPath(new URL("../../../../site.yaml", import.meta.url));
