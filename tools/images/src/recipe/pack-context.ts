import { posix } from "node:path";
import type { Readable } from "node:stream";
import { type PackedFile, packFiles } from "@workstation/docker";
import { buildEpoch } from "./epoch.ts";
import type { Recipe } from "./recipe.ts";

/** What only the build machine knows; steps see it, images and keys do not. */
export interface BuildMachine {
  /** Certificate authorities, as a PEM bundle. */
  readonly authorities?: Buffer;
  /** The package index that builds install from. */
  readonly indexUrl?: string;
}

/**
 * Everything of a build context, folders before what is in them, in a fixed order. Throws `INPUT_CHANGED` for a file that
 * is no longer what was planned.
 */
export function contextFiles(recipe: Recipe, machine: BuildMachine): readonly PackedFile[] {
  const files: readonly PackedFile[] = [
    { path: "Dockerfile", mode: 0o644, content: Buffer.from(recipe.dockerfile) },
    ...optionalFile("build-ca/ca.crt", machine.authorities),
    ...optionalFile("build-ca/index-url", machine.indexUrl && Buffer.from(machine.indexUrl)),
    ...recipe.entries.map(({ path, mode, content }) => ({ path, mode, content: content.read() })),
  ];
  const folders = new Set([...alwaysThere, ...files.flatMap((file) => parentFolders(file.path))]);
  return [...[...folders].map((path) => ({ path, mode: 0o755 })), ...files].toSorted((a, b) =>
    a.path < b.path ? -1 : 1,
  );
}

/** The context as a tar archive with fixed order, modes, owners and times: the same input gives the same bytes. */
export function packContext(files: readonly PackedFile[]): Readable {
  return packFiles(files, buildEpoch);
}

/** Folders that a recipe copies even when nothing lies in them. */
const alwaysThere = ["build-ca", "build", "build/files", "build/files/root"];

function optionalFile(path: string, content: Buffer | string | undefined): readonly PackedFile[] {
  return content === undefined || content === ""
    ? []
    : [{ path, mode: 0o644, content: Buffer.from(content) }];
}

function parentFolders(path: string): readonly string[] {
  const parent = posix.dirname(path);
  return parent === "." ? [] : [...parentFolders(parent), parent];
}
