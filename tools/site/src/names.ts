/** A dataset's id, as it is listed in a desktop's form and in `DATASETS_LIST`; `.` and `..` are no ids. */
export const datasetIdPattern = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;

/** A user's name: it becomes a folder, a label and part of a namespace, so it is a DNS label. */
export const userNamePattern = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** A job's name: a DNS label, because it becomes a container's and a Kubernetes object's name. */
export const jobNamePattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A flavor's name: a DNS label of at most 40 characters. */
export const flavorNamePattern = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** Splits a list of dataset ids as a person writes it (`a, b`); an empty text is no dataset. Ids are not checked. */
export function splitDatasetList(text: string): readonly string[] {
  const ids = text.split(",").map((id) => id.trim());
  return [...new Set(ids.filter((id) => id !== ""))];
}
