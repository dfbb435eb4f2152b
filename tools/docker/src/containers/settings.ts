import type { ContainerCreateOptions, MountSettings } from "dockerode";
import { type PublishedPort, portOptions } from "./published-ports.ts";
import { seccompProfile } from "./seccomp-profile.ts";

/** A container as this project starts them: never root, never privileged, every resource limited. */
export interface ContainerSettings {
  readonly image: string;
  /** Absent: the image's own. */
  readonly entrypoint?: readonly string[];
  /** Absent: the image's own. */
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly uid: number;
  readonly gid: number;
  readonly hostname: string;
  readonly workingFolder: string;
  readonly limits: ContainerLimits;
  /** Folders of the host; each must exist. */
  readonly binds: readonly FolderMount[];
  /** Writable folders of the container's own, on disk, that begin as the image has them and go with the container. */
  readonly scratch: readonly string[];
  /** Of the volumes behind those folders; absent: none. */
  readonly scratchLabels?: Readonly<Record<string, string>>;
  /** Writable folders in memory; they count against the memory limit. */
  readonly memoryFolders: readonly MemoryFolder[];
  /** `none`, or the name of a network. */
  readonly network: string;
  /** Further names by which others on that network find the container. */
  readonly aliases?: readonly string[];
  /** Lines of /etc/hosts, `name:address`. */
  readonly hostEntries: readonly string[];
  /** Absent: the engine's own. */
  readonly nameServers?: readonly string[];
  /** Absent: none. */
  readonly ports?: readonly PublishedPort[];
  /** For `runAttached`: it reads what is typed or piped; absent: it has no standard input. */
  readonly interactive?: { readonly terminal: boolean };
  /** GPU ids, for the NVIDIA container runtime. */
  readonly gpus: readonly string[];
}

export interface FolderMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface MemoryFolder {
  readonly target: string;
  /** Options of tmpfs(5) such as `mode=1777,size=16m`. */
  readonly options: string;
}

export interface ContainerLimits {
  /** What it may use. */
  readonly cores: number;
  /** What it has when all want some; absent: all of `cores`. */
  readonly sureCores?: number;
  readonly memoryBytes: number;
  readonly sharedMemoryBytes: number;
  readonly pids: number;
  readonly openFiles: number;
  /** Bytes of one file of the engine's own log; three are kept, of which a rotation leaves two. */
  readonly logBytes: number;
}

/**
 * The Engine API's words for our settings. What is the same for every container stands here: rules of section 5 of
 * the CIS Docker Benchmark 1.6.0, by number. The seccomp profile is our own and set here, where no container of ours can
 * miss it: an engine's default differs by its release, and older ones leave AF_VSOCK and io_uring open. AppArmor stays at
 * the engine's default.
 */
export function createOptions(settings: ContainerSettings): ContainerCreateOptions {
  return {
    Image: settings.image,
    ...(settings.entrypoint === undefined ? {} : { Entrypoint: [...settings.entrypoint] }),
    ...(settings.command === undefined ? {} : { Cmd: [...settings.command] }),
    Env: Object.entries(environmentOf(settings)).map(([name, value]) => `${name}=${value}`),
    Labels: { ...settings.labels },
    User: `${settings.uid}:${settings.gid}`,
    Hostname: settings.hostname,
    WorkingDir: settings.workingFolder,
    StopSignal: "SIGTERM",
    ...(settings.ports === undefined ? {} : { ExposedPorts: portOptions(settings.ports).exposed }),
    ...(settings.interactive === undefined ? {} : standardInput(settings.interactive.terminal)),
    HostConfig: hostConfig(settings),
    ...(settings.aliases === undefined ? {} : { NetworkingConfig: namedOnNetwork(settings) }),
  };
}

/**
 * The environment that the container gets. NVIDIA's runtime goes by this variable, which an image may set for itself:
 * without a GPU of its own a container gets none (`void`), where that runtime is the engine's default too.
 */
export function environmentOf(
  settings: Pick<ContainerSettings, "environment" | "gpus">,
): Readonly<Record<string, string>> {
  const gpus = settings.gpus.length === 0 ? "void" : settings.gpus.join(",");
  return { ...settings.environment, NVIDIA_VISIBLE_DEVICES: gpus };
}

function standardInput(terminal: boolean) {
  return { OpenStdin: true, StdinOnce: true, AttachStdin: true, Tty: terminal };
}

type HostConfig = NonNullable<ContainerCreateOptions["HostConfig"]> & { readonly CgroupnsMode: "private" };

function hostConfig(settings: ContainerSettings): HostConfig {
  const { limits } = settings;
  return {
    CapDrop: ["ALL"], // 5.3
    Privileged: false, // 5.4
    PublishAllPorts: false, // 5.8
    ...(settings.ports === undefined ? {} : { PortBindings: portOptions(settings.ports).bindings }),
    NetworkMode: settings.network, // 5.9, 5.29
    Memory: limits.memoryBytes, // 5.10
    MemorySwap: limits.memoryBytes,
    NanoCpus: Math.round(limits.cores * 1e9), // 5.11
    CpuShares: Math.max(2, Math.round((limits.sureCores ?? limits.cores) * 1024)),
    ReadonlyRootfs: true, // 5.12
    RestartPolicy: { Name: "no" }, // 5.14
    PidMode: "", // 5.15
    IpcMode: "private", // 5.16
    Ulimits: [{ Name: "nofile", Soft: limits.openFiles, Hard: limits.openFiles }], // 5.18
    CgroupnsMode: "private",
    SecurityOpt: ["no-new-privileges", `seccomp=${seccompProfile}`], // 5.21, 5.25
    PidsLimit: limits.pids, // 5.28
    ShmSize: limits.sharedMemoryBytes,
    LogConfig: { Type: "json-file", Config: { "max-size": String(limits.logBytes), "max-file": "3" } },
    ExtraHosts: [...settings.hostEntries],
    Dns: [...(settings.nameServers ?? [])],
    DnsOptions: settings.nameServers === undefined ? [] : ["timeout:1", "attempts:1"],
    Mounts: mounts(settings),
    Tmpfs: Object.fromEntries(settings.memoryFolders.map((each) => [each.target, each.options])),
    ...(settings.gpus.length === 0 ? {} : { DeviceRequests: gpuRequests(settings.gpus) }),
  };
}

function namedOnNetwork(settings: ContainerSettings) {
  return { EndpointsConfig: { [settings.network]: { Aliases: [...(settings.aliases ?? [])] } } };
}

function mounts(settings: ContainerSettings): MountSettings[] {
  const scratch = settings.scratch.map(
    (target): MountSettings => ({
      Type: "volume",
      Source: "",
      Target: target,
      VolumeOptions: {
        NoCopy: false,
        Labels: { ...settings.scratchLabels },
        DriverConfig: { Name: "local", Options: {} },
      },
    }),
  );
  const binds = settings.binds.map(
    (each): MountSettings => ({
      Type: "bind",
      Source: each.source,
      Target: each.target,
      ReadOnly: each.readOnly,
      BindOptions: bindOptions(each),
    }),
  );
  return [...scratch, ...binds];
}

/** Mounts inside a folder that is to be read are read-only too, from Engine 25 on, or the container is refused. */
function bindOptions(mount: FolderMount): NonNullable<MountSettings["BindOptions"]> {
  const options = { Propagation: "rprivate" } as const; // 5.19
  return mount.readOnly ? { ...options, ...{ ReadOnlyForceRecursive: true } } : options;
}

function gpuRequests(ids: readonly string[]) {
  return [{ Driver: "nvidia", DeviceIDs: [...ids], Capabilities: [["gpu"]] }];
}
