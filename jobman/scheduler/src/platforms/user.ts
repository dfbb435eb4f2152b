/** Somebody who may submit jobs. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Ids of the datasets that the user was granted, sorted. */
  readonly datasets: readonly string[];
}
