import { randomUUID } from "node:crypto";
import { readFile, realpath, rename, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import { z } from "zod";

/** A state folder and to whom it belongs. */
export interface StateOwner {
  readonly instance: string;
  /** Tells the folder from every other, also when it was moved. */
  readonly id: string;
  /** Where it lies, `host:path`. */
  readonly place: string;
}

const stored = z.object({ instance: z.string(), id: z.string() });
type Stored = z.infer<typeof stored>;

/**
 * The owner of a state folder; the first instance that asks becomes it. Throws `STATE_OF_OTHER_INSTANCE`: records of
 * jobs that another instance runs would be taken for lost. To be called under the folder's lock.
 */
export async function claimState(state: string, instance: string): Promise<StateOwner> {
  const file = join(state, "instance");
  const owner = (await readOwner(file)) ?? (await writeOwner(file, { instance, id: randomUUID() }));
  if (owner.instance === instance) return { ...owner, place: `${hostname()}:${await realpath(state)}` };
  throw new UserError(
    "STATE_OF_OTHER_INSTANCE",
    `${state} has the jobs of instance ${JSON.stringify(owner.instance)}, not of ${JSON.stringify(instance)}`,
    {
      hint: `start it with --instance ${owner.instance}, or name another folder with --state`,
      exitCode: exitCodes.unavailable,
    },
  );
}

async function readOwner(file: string): Promise<Stored | undefined> {
  try {
    return stored.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new UserError("STATE_UNREADABLE", `${file} does not say which instance owns the folder`, {
      hint: "take it from your backup; or remove it, if no instance but this one ever had the folder",
      cause: error,
    });
  }
}

async function writeOwner(file: string, owner: Stored): Promise<Stored> {
  const temporary = `${file}.new`;
  await writeFile(temporary, `${JSON.stringify(owner)}\n`, { mode: 0o600, flush: true });
  await rename(temporary, file);
  return owner;
}
