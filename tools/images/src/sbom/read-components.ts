import type { Readable } from "node:stream";
import { bytesOf, readEntries } from "../saved-image/read-entries.ts";
import type { Component } from "./component.ts";
import { debianPackages, operatingSystem } from "./debian.ts";
import { npmPackage, packedPackages } from "./npm.ts";
import { pythonPackage } from "./python.ts";

/**
 * All that an image's file system says of itself: each package of the distribution, each Python and each npm package,
 * wherever it lies, those too that are one file by now. `archive` is the whole file system as `docker export` writes it; nothing of the image is run.
 */
export async function readComponents(archive: Readable): Promise<readonly Component[]> {
  const texts = await readTexts(archive);
  const system = operatingSystem(texts.get("etc/os-release") ?? texts.get("usr/lib/os-release") ?? "");
  const found = [...texts].flatMap(([path, text]) => [
    ...(/^var\/lib\/dpkg\/status(?:\.d\/[^/]+)?$/.test(path) ? debianPackages(text, system.distro) : []),
    ...(pythonMetadata.test(path) ? pythonPackage(text, path) : []),
    ...(npmMetadata.test(path) ? npmPackage(text, path) : []),
    ...(packedMetadata.test(path) ? packedPackages(text, path) : []),
  ]);
  return [...system.components, ...found];
}

const pythonMetadata = /\.(?:dist-info\/METADATA|egg-info\/PKG-INFO|egg-info)$/;
const npmMetadata = /(?:^|\/)package\.json$/;
const packedMetadata = /(?:^|\/)packed-packages\.json$/;
const systemFiles = /^(?:etc\/os-release|usr\/lib\/os-release|var\/lib\/dpkg\/status(?:\.d\/[^/]+)?)$/;

/** A description of a package that is larger is none. */
const largest = 16 * 2 ** 20;

async function readTexts(stream: Readable): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  await readEntries(stream, async (entry) => {
    const name = entry.path.replace(/^\.\//, "");
    const wanted = [systemFiles, pythonMetadata, npmMetadata, packedMetadata].some((pattern) =>
      pattern.test(name),
    );
    if (entry.type !== "File" || !wanted || entry.size > largest) entry.resume();
    else texts.set(name, (await bytesOf(entry)).toString());
  });
  return texts;
}
