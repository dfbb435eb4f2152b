import { ApiError } from "../errors/api-error.ts";
import { shown } from "../errors/shown.ts";
import type { Datasets } from "../platforms/platform.ts";
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
  on: Datasets,
  user: User,
  wanted: readonly string[] | undefined,
): Promise<ChosenDatasets> {
  const unique = [...new Set(wanted ?? user.datasets)].sort();
  const refused = unique.find((id) => !user.datasets.includes(id));
  if (refused !== undefined) throw notGranted(user, refused);
  const there = await on.check(unique);
  const missing = unique.filter((id) => !there.has(id));
  if (wanted !== undefined && missing[0] !== undefined) throw notThere(missing[0]);
  return {
    datasets: unique.filter((id) => there.has(id)),
    warnings: missing.map((id) => `the dataset ${id}, which you were granted, is not on this machine`),
  };
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
