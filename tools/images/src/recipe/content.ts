import { createHash } from "node:crypto";

/** What a file of a recipe holds. */
export interface Content {
  /** SHA-256 of `start` and the content after it. */
  readonly hashAfter: (start: string) => string;
  /** Throws `INPUT_CHANGED` when it is no longer what was hashed. */
  readonly read: () => Buffer;
}

/** A content that is at hand. */
export function heldContent(content: Buffer): Content {
  return { hashAfter: (start) => hashAfter(start, content), read: () => content };
}

/** SHA-256 of a text and a content after it, in hexadecimal. */
export function hashAfter(start: string, content: Buffer): string {
  return createHash("sha256").update(start).update(content).digest("hex");
}

/** A content that is made before a build, of what has this identity: it can be planned, and not be read. */
export function plannedContent(path: string, identity: string): Content {
  return {
    hashAfter: (start) => hashAfter(`${start}to be made of\0`, Buffer.from(identity)),
    read: () => {
      throw new Error(`${path} is older than what it is made of`);
    },
  };
}
