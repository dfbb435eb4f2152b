import { stat } from "node:fs/promises";
import { join } from "node:path";
import { stateFolders } from "@workstation/site";
import { ApiError } from "../errors/api-error.ts";
import { shown } from "../errors/shown.ts";
import type { User } from "../platforms/user.ts";

/** The datasets that a job will see, and what is odd about them. */
export interface ChosenDatasets {
  readonly datasets: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * The datasets that were asked for, or all that the user was granted. One that was not granted is refused with
 * `DATASET_NOT_GRANTED`, whether it exists or not; a granted one that is not there with `INVALID_DATASET` when it
 * was asked for, else it is left out with a warning.
 */
export async function chooseDatasets(
  state: string,
  user: User,
  wanted: readonly string[] | undefined,
): Promise<ChosenDatasets> {
  const unique = [...new Set(wanted ?? user.datasets)].sort();
  const refused = unique.find((id) => !user.datasets.includes(id));
  if (refused !== undefined) throw notGranted(user, refused);
  const there = await Promise.all(unique.map((id) => isDataset(state, id)));
  const missing = unique.filter((_, index) => !there[index]);
  if (wanted !== undefined && missing[0] !== undefined) throw notThere(missing[0]);
  return {
    datasets: unique.filter((_, index) => there[index]),
    warnings: missing.map((id) => `the dataset ${id}, which you were granted, is not on this machine`),
  };
}

async function isDataset(state: string, id: string): Promise<boolean> {
  try {
    return (await stat(join(stateFolders(state).datasets, id))).isDirectory();
  } catch {
    return false;
  }
}

function notGranted(user: User, id: string): ApiError {
  const granted = user.datasets.length === 0 ? "no dataset yet" : user.datasets.join(", ");
  return new ApiError("DATASET_NOT_GRANTED", `you were not granted the dataset ${shown(id)}`, {
    hint: `you were granted: ${granted}`,
  });
}

function notThere(id: string): ApiError {
  return new ApiError("INVALID_DATASET", `the dataset ${shown(id)} is not on this machine`, {
    hint: "you were granted it; ask the operator where it is",
  });
}
