import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "@workstation/cli";
import { findKeptCluster, type KeptCluster } from "@workstation/cluster";
import { localFolder } from "../setup/places.ts";
import { askJobman, jobman, makeContext, type StartContext } from "../start/context.ts";

/** Where all of it lies: the cluster's own state, the user's home and data, and what jobman needs. */
export interface ClusterPlaces {
  readonly folder: string;
  readonly cluster: string;
  readonly data: string;
  readonly token: string;
  readonly authority: string;
  /** For a shell: where jobman finds the scheduler. */
  readonly environment: string;
  /** The site's facts with flavors that fit this machine. */
  readonly siteFile: string;
}

export function clusterPlaces(given: string | undefined): ClusterPlaces {
  const folder = given === undefined ? join(localFolder(), "cluster") : resolve(given);
  const inside = (name: string): string => join(folder, name);
  return {
    folder,
    cluster: inside("cluster"),
    data: inside("data"),
    token: inside("token"),
    authority: inside("ca.crt"),
    environment: inside("jobman.env"),
    siteFile: inside("site.yaml"),
  };
}

/** What every step knows; it speaks to the queue as the example's user does. */
export interface ClusterRun extends StartContext {
  readonly at: ClusterPlaces;
  /** The images as the cluster is told of them: what a tag names may change, these do not. */
  readonly images: { scheduler: string };
  readonly namespace: string;
}

export function makeRun(at: ClusterPlaces): ClusterRun {
  mkdirSync(at.folder, { recursive: true, mode: 0o700 });
  if (!isOurs(at) && readdirSync(at.folder).length > 0) {
    throw new UserError("FOLDER_IN_USE", `${at.folder} holds something else`, {
      hint: "name an empty folder, or one that does not exist",
    });
  }
  writeFileSync(join(at.folder, mark), "");
  const context = makeContext({ state: at.data });
  return {
    ...context,
    at,
    images: { scheduler: "" },
    namespace: `${context.site.kubernetes.namespacePrefix}${context.user}`,
    jobman: (argv) => jobman(argv, jobmanSettings(at)),
    askJobman: (argv) => askJobman(argv, jobmanSettings(at)),
  };
}

/** Whether the folder is one that `makeRun` has made. */
export function isOurs({ folder }: ClusterPlaces): boolean {
  return existsSync(join(folder, mark));
}

const mark = "made-by-npm-run-cluster";

/** What jobman is told of its scheduler. */
export function jobmanSettings(at: ClusterPlaces) {
  return {
    JOBMAN_SOCKET: "",
    JOBMAN_URL: `https://${serviceAddress(keptOf(at))}`,
    JOBMAN_TOKEN_FILE: at.token,
    JOBMAN_CA_FILE: at.authority,
  };
}

export function keptOf(at: ClusterPlaces): KeptCluster {
  const kept = findKeptCluster(at.cluster);
  if (kept === undefined) throw new Error("the cluster is gone");
  return kept;
}

/** The scheduler's, from those addresses that the cluster gives to nobody by itself. */
export function serviceAddress({ serviceRange }: Pick<KeptCluster, "serviceRange">): string {
  const [first = ""] = serviceRange.split("/");
  return first.replace(/\d+$/, (last) => String(Number(last) + 10));
}
