import { resolve } from "node:path";
import { UserError } from "@workstation/cli";
import { closest } from "@workstation/cli/closest";
import { expandFamily, type FamilyImage, type ImageVariant, imageId } from "./image.ts";
import { explainImportFault } from "./import-fault.ts";
import { importTable } from "./import-table.ts";
import { suffixOf } from "./variants.ts";

const table = "images/family.ts";

/** Reads the table of a project's folder; parents come first. Throws `FAMILY_INVALID`, with file and line where it can. */
export async function readFamily(root: string): Promise<readonly ImageVariant[]> {
  const { family } = await loadTable(resolve(root));
  if (!Array.isArray(family)) throw invalid(`${table} exports no list "family"`);
  const strange = family.findIndex((line) => !isImage(line));
  if (strange !== -1) throw invalid(`${table}: line ${strange + 1} of the table is no image(…)`);
  return expandFamily(family);
}

async function loadTable(root: string): Promise<{ readonly family?: unknown }> {
  try {
    return await importTable(root);
  } catch (error) {
    throw explainImportFault(error, root, table);
  }
}

function isImage(line: unknown): line is FamilyImage {
  return typeof line === "object" && line !== null && "layers" in line && Array.isArray(line.layers);
}

function invalid(problem: string): UserError {
  return new UserError("FAMILY_INVALID", problem, {
    hint: `${table} ends with: export const family = [image(<layer>), image(<layer>, <layer>)];`,
  });
}

/**
 * The images that a command line names (`ubuntu-python`, `ubuntu-python:cuda`); none named: all.
 * Throws `IMAGE_UNKNOWN`, naming those that there are.
 */
export function chooseImages(
  family: readonly ImageVariant[],
  names: readonly string[],
): readonly ImageVariant[] {
  if (names.length === 0) return family;
  const wanted = names.map((name) => family.filter((image) => matches(image, name)));
  const unknown = names.find((_, index) => wanted[index]?.length === 0);
  if (unknown !== undefined) {
    const near = closest(unknown, family.flatMap(namesOf));
    const meant = near === undefined ? "" : `did you mean ${near}? `;
    throw new UserError("IMAGE_UNKNOWN", `there is no image "${unknown}" in images/family.ts`, {
      hint: `${meant}images: ${family.map(imageId).join(", ")}; a variant is named as in ubuntu-python:latest-cuda`,
    });
  }
  return family.filter((image) => wanted.flat().includes(image));
}

function matches(image: ImageVariant, name: string): boolean {
  return namesOf(image).includes(name);
}

/** A name alone means every variant. */
function namesOf({ name, variant }: ImageVariant): readonly string[] {
  return [name, `${name}:${variant}`, `${name}:latest${suffixOf(variant)}`];
}
