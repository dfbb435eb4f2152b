import type { Volume } from "../volumes.ts";

/**
 * What a container of a site looks like, whatever runs it: a job's, a desktop's, a test's, on an engine or as a pod.
 * Where volumes lie, what is run and how it is plugged in are the platform's to say.
 */
export interface ContainerProfile {
  readonly kind: "job" | "desktop";
  readonly user: { readonly uid: number; readonly gid: number };
  readonly hostname: string;
  readonly workingFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: ProfileLimits;
  readonly volumes: readonly Volume[];
  /** Folders that can be written, and go with the container; everything else is read-only. */
  readonly writable: readonly WritableFolder[];
  /** Small files that only the container's user reads. They are given apart; a profile can be printed. */
  readonly secrets: { readonly folder: string; readonly names: readonly string[] };
  /** All that passes between the container and others; nothing but this. */
  readonly network: {
    readonly services: readonly { readonly host: string; readonly port: number }[];
    readonly ports: readonly number[];
  };
  readonly security: typeof restricted;
}

export interface ProfileLimits {
  /** What it has when all want some. */
  readonly cores: number;
  /** What it may use while nobody else wants it. */
  readonly burstCores: number;
  readonly memoryBytes: number;
  /** Of /dev/shm; it counts against the memory. */
  readonly sharedMemoryBytes: number;
  readonly pids: number;
  readonly openFiles: number;
  readonly logBytes: number;
}

export interface WritableFolder {
  readonly target: string;
  /** `disk`: begins as the image has it, where the platform can; `memory`: empty, and counts against the memory. */
  readonly on: "disk" | "memory";
  /** Most that it holds; absent: what the memory limit or the disk quota leaves. */
  readonly bytes?: number;
  /** `everybody` may write it, as in /tmp, or its `user` alone. */
  readonly writers: "everybody" | "user";
  /** Whether programs in it may be started. */
  readonly programs: boolean;
}

/**
 * The same for every container of every site, in the words of a pod's security context: the Pod Security Standard
 * *restricted*, and beyond it a root file system that nobody writes. There is no way to ask for less.
 */
export const restricted = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  privileged: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"], add: [] },
  /** The project's own, where the platform can load it; else the platform's default, never none. */
  seccomp: "workstation",
  hostNamespaces: [],
} as const;
