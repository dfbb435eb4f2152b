import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "@workstation/cli";
import type { PackedFile } from "@workstation/docker";
import { writingTo } from "../workspace/file-fault.ts";

/**
 * Writes a build context as a folder that plain `docker build` takes. Throws `FOLDER_IN_USE` for a folder that holds
 * something else than an earlier context, `CANNOT_WRITE` where there is no room or no permission.
 */
export function writeContext(folder: string, files: readonly PackedFile[]): void {
  writingTo(folder, () => writeFiles(folder, files));
}

function writeFiles(folder: string, files: readonly PackedFile[]): void {
  clearContext(folder);
  for (const { path, mode, content } of files) {
    const target = join(folder, path);
    if (content === undefined) mkdirSync(target, { recursive: true });
    else {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
    chmodSync(target, mode);
  }
}

const ours = ["Dockerfile", "build", "build-ca"];

function clearContext(folder: string): void {
  const present = existsSync(folder) ? readdirSync(folder) : [];
  const strange = present.find((name) => !ours.includes(name));
  if (strange !== undefined || (present.length > 0 && !present.includes("Dockerfile"))) {
    throw new UserError("FOLDER_IN_USE", `${folder} holds something else (${strange ?? present[0]})`, {
      hint: "name an empty folder, or one that does not exist",
    });
  }
  for (const name of present) rmSync(join(folder, name), { recursive: true });
  mkdirSync(folder, { recursive: true });
}
