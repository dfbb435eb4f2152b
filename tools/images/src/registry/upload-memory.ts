import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { runs } from "../workspace/leftovers.ts";
import type { UploadMemory } from "./upload-blob.ts";

const entries = z.record(z.string(), z.object({ location: z.string(), pid: z.number(), owner: z.string() }));

type Entries = z.infer<typeof entries>;

/**
 * Remembers in a file where uploads carry on. It is for one account: a place to carry on is a right to write there. What
 * another publisher that still runs has begun is left to it.
 */
export function openUploadMemory(file: string): UploadMemory {
  const owner = randomBytes(8).toString("hex");
  return {
    get: (key) => {
      const entry = readEntries(file)[key];
      if (entry === undefined || (entry.owner !== owner && runs(entry.pid))) return undefined;
      return entry.location;
    },
    set: (key, location) => {
      const { [key]: known, ...others } = readEntries(file);
      if (known !== undefined && known.owner !== owner && runs(known.pid)) return;
      const now =
        location === undefined ? others : { ...others, [key]: { location, pid: process.pid, owner } };
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(`${file}.${owner}`, JSON.stringify(now), { mode: 0o600 });
      renameSync(`${file}.${owner}`, file);
    },
  };
}

function readEntries(file: string): Entries {
  try {
    return entries.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {}; // nothing is remembered: uploads begin anew
  }
}
