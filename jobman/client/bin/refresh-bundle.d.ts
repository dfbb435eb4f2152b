/** Makes the bundles in the folder again if the sources' contents are not those that they were made from. */
export function refreshBundle(folder: string): void;
/** The same for those whom old ones do not serve: throws the cause. */
export function requireBundle(folder: string): void;
/** What the bundles would be made from now, as one hash, where that is not what they were made from; it changes nothing. */
export function newerSources(folder: string): string | undefined;
/** What the bundles are made from, as one hash over the paths and contents of files below the project's folder. */
export function hashSources(paths: readonly string[]): string;
