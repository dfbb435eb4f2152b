/** What a file was made of, as one hash over the paths and contents of files below a folder. */
export function hashFiles(root: string, paths: readonly string[]): string;
