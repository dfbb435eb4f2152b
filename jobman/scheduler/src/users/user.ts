import { datasetIdPattern } from "@workstation/site";
import { z } from "zod";

/** Somebody who may submit jobs: a folder in the state folder. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Ids of the datasets that the user was granted, sorted. */
  readonly datasets: readonly string[];
}

/** The largest id that fits into the kernel's 32 bits and is not -1. */
export const maxId = 4_294_967_294;

/** Content of `user.json`. */
export const userFileSchema = z.strictObject({
  uid: z.int().min(0).max(maxId),
  gid: z.int().min(0).max(maxId),
  datasets: z.array(z.string().regex(datasetIdPattern)),
});
