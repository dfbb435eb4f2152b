import type { ContainerSettings } from "@workstation/docker";
import { containerPaths, mountsOf, type Site, volumesFor } from "@workstation/site";
import type { JobSpec } from "../../../queue/model.ts";
import type { SlotResources } from "../../engine.ts";
import { jobLabels, volumeLabels } from "../containers/job-objects.ts";
import type { Connection } from "../network/user-network.ts";
import { insistOnUserIds } from "./user-ids.ts";

/** What a job's container depends on besides the job itself. */
export interface JobSurroundings {
  readonly site: Site;
  readonly instance: string;
  /** The state folder, where homes and datasets lie. */
  readonly state: string;
  /** What the engine can allow at most. */
  readonly openFilesCeiling: number;
  /** True for an image with our entrypoint; others run as they are. */
  readonly family: boolean;
  readonly connection: Connection;
  /** What the job's owner gave. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * A job's container. The root file system is read-only; home, /tmp and /var/tmp are on disk and go with it.
 * Throws `ID_NOT_ALLOWED`.
 */
export function jobSettings(
  spec: JobSpec,
  resources: SlotResources & { readonly device?: string },
  around: JobSurroundings,
): ContainerSettings {
  insistOnUserIds(spec, around.site);
  const home = containerPaths(around.site).home;
  const volumes = volumesFor(around.site, { user: spec.owner, datasets: spec.datasets });
  return {
    image: spec.image,
    ...argv(spec, around.family),
    environment: jobEnvironment(spec, resources.cores, around),
    labels: jobLabels(around.instance, spec, resources.device),
    uid: spec.uid,
    gid: spec.gid,
    hostname: spec.name,
    workingFolder: home,
    limits: {
      cores: resources.cores,
      memoryBytes: resources.memoryBytes,
      sharedMemoryBytes: Math.floor(resources.memoryBytes / 2),
      pids: around.site.limits.pids,
      openFiles: Math.min(around.site.limits.openFiles, around.openFilesCeiling),
      // What is written while no scheduler runs; in the engine's form a short line takes twice its length.
      logBytes: around.site.limits.logSize,
    },
    binds: mountsOf(volumes, around.state),
    ...writableFolders(spec, home, around.family),
    scratchLabels: volumeLabels(around.instance, spec),
    ...around.connection,
    gpus: resources.device === undefined ? [] : [resources.device],
  };
}

/**
 * The environment of a job: the user's own, then what the entrypoint and programs are promised. The user's names
 * cannot replace ours; anything else, `LD_PRELOAD` too, concerns nobody but the user's own processes.
 */
export function jobEnvironment(
  spec: Pick<JobSpec, "name" | "flavor" | "datasets" | "exact">,
  cores: number,
  { site, environment }: Pick<JobSurroundings, "site" | "environment">,
): Readonly<Record<string, string>> {
  const users = Object.entries(environment).filter(([name]) => !name.startsWith("WORKSTATION_"));
  return {
    HOME: containerPaths(site).home,
    ...Object.fromEntries(users),
    JOB_NAME: spec.name,
    JOB_FLAVOR: spec.flavor,
    DATASETS_LIST: spec.datasets.join(","),
    WORKSTATION_KIND: "job",
    WORKSTATION_USER: site.user.name,
    WORKSTATION_CORES: String(Math.max(1, Math.floor(cores))),
    WORKSTATION_INIT_TIMEOUT: String(site.limits.initTimeout),
    WORKSTATION_INIT_POLICY: site.limits.initPolicy,
    ...(spec.exact ? { WORKSTATION_EXACT: "1" } : {}),
  };
}

/** Without our entrypoint, `-c` replaces the image's own, as Kubernetes' `command` does. */
function argv(spec: JobSpec, family: boolean): Pick<ContainerSettings, "entrypoint" | "command"> {
  if (spec.arguments.length === 0) return {};
  if (spec.exact && !family) return { entrypoint: spec.arguments, command: [] };
  return { command: spec.arguments };
}

/** Another image has no home that an arbitrary uid could write, so it gets one in memory. */
function writableFolders(
  spec: JobSpec,
  home: string,
  family: boolean,
): Pick<ContainerSettings, "scratch" | "memoryFolders"> {
  const onDisk = ["/tmp", "/var/tmp"];
  const run = { target: "/run/workstation", options: "mode=1777,size=16m" };
  if (family) return { scratch: [home, ...onDisk], memoryFolders: [run] };
  const inMemory = { target: home, options: `exec,mode=0700,uid=${spec.uid},gid=${spec.gid}` };
  return { scratch: onDisk, memoryFolders: [run, inMemory] };
}
