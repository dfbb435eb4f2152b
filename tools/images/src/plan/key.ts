import { createHash } from "node:crypto";
import { contentTagStart } from "@workstation/site";

/** What an image stands on: its parent's key, or what identifies the base image. */
export interface ParentIdentity {
  /** `parent ubuntu-python` or `base image debian-12`, for reasons. */
  readonly name: string;
  readonly identity: string;
}

/**
 * The build key: 64 hexadecimal digits that change when, and only when, the image would become another one: with its
 * recipe, any file of its layer, what it stands on, or the platform.
 */
export function buildKey(
  inputs: Readonly<Record<string, string>>,
  parentIdentity: ParentIdentity,
  platform: string,
): string {
  const sorted = Object.entries(inputs).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([sorted, parentIdentity.identity, platform]))
    .digest("hex");
}

/** The tag that names one content, and never moves: `key-<12 digits>`. */
export function contentTag(key: string): string {
  return `${contentTagStart}${key.slice(0, 12)}`;
}
