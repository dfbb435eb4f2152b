import { UserError } from "@workstation/cli";
import type { Site } from "../schema.ts";
import { containerPaths, type Volume, volumesFor } from "../volumes.ts";
import { profileEnvironment } from "./environment.ts";
import { type ContainerProfile, type ProfileLimits, restricted, type WritableFolder } from "./profile.ts";
import type { ContainerRequest } from "./request.ts";

/** The facts of a site that containers are made by. */
export type ProfileSite = Pick<Site, "user" | "limits" | "network">;

/**
 * A container as the site has it. Throws `ID_NOT_ALLOWED` for the uid of root or another account of the system, and
 * `DATASET_INVALID`.
 */
export function containerProfile(site: ProfileSite, request: ContainerRequest): ContainerProfile {
  const { kind } = request;
  const paths = containerPaths(site);
  return {
    kind,
    user: checkedIds(site, request),
    hostname: request.job?.name ?? kind,
    workingFolder: paths.home,
    environment: profileEnvironment(site, request),
    limits: limitsOf(site, request),
    volumes: volumesOf(site, request),
    writable: writableFolders(paths.home, request),
    secrets: { folder: paths.secrets, names: request.secrets ?? [] },
    network: { services: site.network.services, ports: request.ports ?? [] },
    security: restricted,
  };
}

function checkedIds({ user, limits }: ProfileSite, { ids }: ContainerRequest): ContainerProfile["user"] {
  const { uid, gid } = ids ?? user;
  if (uid >= limits.lowestId) return { uid, gid };
  throw new UserError("ID_NOT_ALLOWED", `a container of uid ${uid} is not run`, {
    hint: `ids below ${limits.lowestId} (limits.lowestId in site.yaml) belong to accounts of the system`,
  });
}

function limitsOf({ limits }: ProfileSite, { size, openFilesCeiling }: ContainerRequest): ProfileLimits {
  return {
    cores: size.cores,
    burstCores: size.burstCores ?? size.cores,
    memoryBytes: size.memoryBytes,
    sharedMemoryBytes: Math.floor(size.memoryBytes / 2),
    pids: limits.pids,
    openFiles: Math.min(limits.openFiles, openFilesCeiling ?? Number.POSITIVE_INFINITY),
    logBytes: limits.logSize,
  };
}

/** Jobs are sent from desktops: these alone reach the scheduler. */
function volumesOf(site: ProfileSite, { kind, owner, datasets = [] }: ContainerRequest): readonly Volume[] {
  if (owner === undefined) return [];
  const data = volumesFor(site, { user: owner, datasets });
  const target = containerPaths(site).jobmanSocketFolder;
  const socket: Volume = { content: { kind: "jobman-socket", user: owner }, target, readOnly: true };
  return kind === "desktop" ? [...data, socket] : data;
}

function writableFolders(home: string, request: ContainerRequest): readonly WritableFolder[] {
  const open = { writers: "everybody", programs: true } as const;
  return [
    request.home === "memory"
      ? { target: home, on: "memory", writers: "user", programs: true }
      : { target: home, on: "disk", ...open },
    { target: "/tmp", on: "disk", ...open },
    { target: "/var/tmp", on: "disk", ...open },
    { target: "/run/workstation", on: "memory", bytes: runBytes, writers: "everybody", programs: false },
  ];
}

/** For what the start-up scripts leave: names, status, what init.sh hands on. */
const runBytes = 16 * 2 ** 20;
