import { UserError } from "@workstation/cli";
import type { Site } from "@workstation/site";

/** What decides which numeric ids a user may have. */
export type IdRule = Pick<Site["limits"], "lowestId">;

/** The largest id that the kernel, container runtimes and file systems all take; -1 and its like lie above. */
export const highestId = 2_147_483_647;

/** `nobody`, and -1 where ids have 16 bits: files of strangers carry them. */
const reserved: readonly number[] = [65_534, 65_535];

/** True for an id under which a user's jobs may run: no system account's, nobody's, and within the kernel's range. */
export function isUserId(id: number, { lowestId }: IdRule): boolean {
  return Number.isInteger(id) && id >= lowestId && id <= highestId && !reserved.includes(id);
}

/** Throws `ID_NOT_ALLOWED` for a uid under which no job may run; `whose` begins the sentence. */
export function insistOnUserId(uid: number, rule: IdRule, whose: string): void {
  if (isUserId(uid, rule)) return;
  throw new UserError("ID_NOT_ALLOWED", `${whose} has uid ${uid}: ${whyNot(uid, rule)}`, {
    hint: `a user's uid is a number from ${rule.lowestId} (limits.lowestId in site.yaml) to ${highestId}, and not ${reserved.join(" or ")}; give one with --uid`,
  });
}

/** Why an id is not a user's, as the end of a sentence. */
export function whyNot(id: number, { lowestId }: IdRule): string {
  if (id < lowestId) return `ids below ${lowestId} are system accounts, and jobs never run as one`;
  return reserved.includes(id) ? "that is nobody's" : "it is past the range of ids";
}
