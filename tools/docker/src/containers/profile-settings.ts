import { type ContainerProfile, mountsOf, type VolumePlaces, type WritableFolder } from "@workstation/site";
import type { ContainerLimits, ContainerSettings, MemoryFolder } from "./settings.ts";

/** What is run with a profile on an engine, and where. */
export interface OnEngine {
  readonly image: string;
  /** Absent: the image's own. */
  readonly entrypoint?: readonly string[];
  /** Absent: the image's own. */
  readonly command?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Of the volumes that go with the container. */
  readonly scratchLabels?: Readonly<Record<string, string>>;
  /** Where the machine keeps what containers see. */
  readonly places: VolumePlaces;
  /** Absent: none. */
  readonly connection?: Pick<ContainerSettings, "network" | "hostEntries" | "nameServers" | "aliases">;
  readonly gpus?: readonly string[];
}

/** A profile in the words of the Docker engine. What `profile.security` says holds for every container that we make. */
export function containerSettings(profile: ContainerProfile, here: OnEngine): ContainerSettings {
  const { user, writable } = profile;
  return {
    image: here.image,
    ...(here.entrypoint === undefined ? {} : { entrypoint: here.entrypoint }),
    ...(here.command === undefined ? {} : { command: here.command }),
    environment: profile.environment,
    labels: here.labels,
    uid: user.uid,
    gid: user.gid,
    hostname: profile.hostname,
    workingFolder: profile.workingFolder,
    limits: limitsOf(profile),
    binds: mountsOf(profile.volumes, here.places),
    scratch: [
      ...writable.filter((folder) => folder.on === "disk").map((folder) => folder.target),
      // Root's, so that its user only reads it: `putFiles` fills it before the start.
      ...(profile.secrets.names.length === 0 ? [] : [profile.secrets.folder]),
    ],
    ...(here.scratchLabels === undefined ? {} : { scratchLabels: here.scratchLabels }),
    memoryFolders: writable
      .filter((folder) => folder.on === "memory")
      .map((folder) => memoryFolder(folder, user)),
    ...(here.connection ?? { network: "none", hostEntries: [] }),
    gpus: here.gpus ?? [],
  };
}

function limitsOf({ limits }: ContainerProfile): ContainerLimits {
  const { cores, burstCores, ...others } = limits;
  return { ...others, cores: burstCores, sureCores: cores };
}

/** Options of tmpfs(5); Docker mounts it `noexec` unless told otherwise. */
function memoryFolder(folder: WritableFolder, user: ContainerProfile["user"]): MemoryFolder {
  const options = [
    ...(folder.programs ? ["exec"] : []),
    ...(folder.writers === "user" ? ["mode=0700", `uid=${user.uid}`, `gid=${user.gid}`] : ["mode=1777"]),
    ...(folder.bytes === undefined ? [] : [`size=${folder.bytes}`]),
  ];
  return { target: folder.target, options: options.join(",") };
}
