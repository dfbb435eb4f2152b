import manifest from "../package.json" with { type: "json" };

/** The version of jobman. */
export const version: string = manifest.version;
