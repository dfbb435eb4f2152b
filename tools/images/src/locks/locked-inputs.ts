import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@workstation/cli";
import { z } from "zod";
import { writingTo } from "../workspace/file-fault.ts";
import type { LockJob } from "./lock-jobs.ts";

/** Beside the locks, because a comment in one would make another image of the same packages. */
const tableFile = "images/locks.json";
const table = z.record(z.string(), z.string());

/** How a lock stands to what it is resolved from, told without a network. */
export type LockState = "current" | "missing" | "outdated" | "waiting for its index";

/** Whether a lock is the one that `images lock` made of these requirements, by the hash that it wrote down. */
export function lockState(root: string, job: LockJob): LockState {
  if (!existsSync(join(root, job.lock))) return job.mayWait === true ? "waiting for its index" : "missing";
  return readTable(root)[job.lock] === fingerprint(root, job) ? "current" : "outdated";
}

/** Throws `LOCK_OUTDATED` for the first lock that its requirements, or a lock below it, have left behind. */
export function requireCurrentLocks(root: string, jobs: readonly LockJob[]): void {
  const left = jobs.find((job) => !fits(lockState(root, job)));
  if (left === undefined) return;
  const from = [...left.requirements, ...left.inView, ...left.below].join(", ");
  throw new UserError("LOCK_OUTDATED", `${left.lock} was not resolved from these as they are now: ${from}`, {
    hint: "npm run images -- lock",
  });
}

/** Whether nothing is left to do for a lock on this machine. */
export function fits(state: LockState): boolean {
  return state === "current" || state === "waiting for its index";
}

/** Writes down what these locks were made of. Those that the family no longer has are forgotten. */
export function rememberInputs(root: string, made: readonly LockJob[], family: readonly LockJob[]): void {
  const before = readTable(root);
  const fresh = new Map(made.map((job) => [job.lock, fingerprint(root, job)]));
  const rows = family
    .map(({ lock }) => [lock, fresh.get(lock) ?? before[lock]] as const)
    .filter(([, hash]) => hash !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const file = join(root, tableFile);
  writingTo(file, () => writeFileSync(file, `${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`));
}

function readTable(root: string): z.infer<typeof table> {
  const file = join(root, tableFile);
  return existsSync(file) ? table.parse(JSON.parse(readFileSync(file, "utf8"))) : {};
}

function fingerprint(root: string, job: LockJob): string {
  const read = (path: string): string => readFileSync(join(root, path), "utf8");
  const parts = [
    job.python,
    [...job.requirements, ...job.inView].map((path) => [path, withoutComments(read(path))]),
    [...job.below, job.lock].map((path) => [path, existsSync(join(root, path)) ? read(path) : ""]),
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

/** A comment changes no lock. */
function withoutComments(text: string): readonly string[] {
  const lines = text.split("\n").map((line) => line.replace(/(^|\s)#.*/, "").trim());
  return lines.filter((line) => line !== "");
}
