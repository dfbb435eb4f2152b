/** Makes the bundles in the folder again if the sources' contents are not those that they were made from. */
export function refreshBundle(folder: string): void;
/** What the bundles are made from, as one hash over the paths and contents of files below the project's folder. */
export function hashSources(paths: readonly string[]): string;
