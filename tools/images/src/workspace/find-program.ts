import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The first file of that name in the folders of a search path, which is this process's unless another is given. */
export function findOnPath(name: string, path: string = process.env.PATH ?? ""): string | undefined {
  const files = path.split(delimiter).map((folder) => join(folder, name));
  return files.find((file) => existsSync(file));
}
