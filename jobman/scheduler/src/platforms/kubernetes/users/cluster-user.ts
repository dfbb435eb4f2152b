import { UserError } from "@workstation/cli";
import { datasetIdPattern, type Site, splitDatasetList, userNamePattern } from "@workstation/site";
import type { User } from "../../user.ts";

/** A user as the operator names one; numbers and lists as they are typed. */
export interface UserRequest {
  readonly name: string;
  readonly uid: string;
  /** Absent: the uid's number. */
  readonly gid?: string;
  readonly datasets?: string;
}

/** The user of a cluster that is asked for. Throws `INVALID_USER_NAME`, `INVALID_UID` and `DATASET_INVALID`. */
export function clusterUser({ limits }: Pick<Site, "limits">, request: UserRequest): User {
  const { name, uid, gid = uid } = request;
  if (!userNamePattern.test(name)) {
    throw new UserError("INVALID_USER_NAME", `${JSON.stringify(name.slice(0, 80))} cannot be a user's name`, {
      hint: "lower-case letters, digits and dashes, 1 to 32 characters, no dash at the ends",
    });
  }
  const datasets = [...splitDatasetList(request.datasets ?? "")].sort();
  const strange = datasets.find((id) => !datasetIdPattern.test(id));
  if (strange !== undefined) {
    throw new UserError("DATASET_INVALID", `${JSON.stringify(strange.slice(0, 80))} is not a dataset id`, {
      hint: "an id has 1 to 64 of the characters A-Z a-z 0-9 . _ -",
    });
  }
  return { name, uid: idOf(uid, limits.lowestId), gid: idOf(gid, limits.lowestId), datasets };
}

/** Ids below the site's floor are accounts of nodes; above 2^31-2 some of what is mounted takes another. */
function idOf(text: string, lowest: number): number {
  const id = Number(text);
  if (/^\d{1,10}$/.test(text) && id >= lowest && id < 2 ** 31 - 1 && id !== nobody) return id;
  throw new UserError("INVALID_UID", `${JSON.stringify(text.slice(0, 80))} is no id that jobs can run as`, {
    hint: `a number from ${lowest} (limits.lowestId in site.yaml) that no other user has, such as 20000`,
  });
}

const nobody = 65_534;
