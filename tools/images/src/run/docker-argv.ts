import { type ContainerSettings, environmentOf } from "@workstation/docker";

/** How a person wants to meet the container. */
export interface RunManner {
  readonly terminal: boolean;
  /** Ports as docker takes them, e.g. `127.0.0.1:5900:5900`. */
  readonly publish: readonly string[];
}

/** The `docker run` that starts a container with these settings, as an argument list. */
export function dockerRunArgv(settings: ContainerSettings, manner: RunManner): readonly string[] {
  const { limits } = settings;
  return [
    ...["docker", "run", "--rm", "--interactive", ...(manner.terminal ? ["--tty"] : [])],
    ...["--user", `${settings.uid}:${settings.gid}`],
    ...["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--read-only"],
    ...["--cpus", String(limits.cores)],
    ...["--memory", String(limits.memoryBytes), "--memory-swap", String(limits.memoryBytes)],
    ...["--shm-size", String(limits.sharedMemoryBytes), "--pids-limit", String(limits.pids)],
    ...["--ulimit", `nofile=${limits.openFiles}:${limits.openFiles}`],
    ...["--network", settings.network, "--hostname", settings.hostname, "--workdir", settings.workingFolder],
    ...manner.publish.flatMap((port) => ["--publish", port]),
    ...settings.scratch.flatMap((target) => ["--mount", `type=volume,destination=${target}`]),
    ...settings.memoryFolders.flatMap(({ target, options }) => ["--tmpfs", `${target}:${options}`]),
    ...settings.binds.flatMap(({ source, target, readOnly }) => [
      "--mount",
      `type=bind,source=${source},destination=${target}${readOnly ? ",readonly" : ""}`,
    ]),
    ...Object.entries(environmentOf(settings)).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    settings.image,
    ...(settings.command ?? []),
  ];
}

/** Ports that others than this machine would reach: an image's servers trust the gateway in front of them. */
export function portsBeyondLoopback(publish: readonly string[]): readonly string[] {
  return publish.filter((port) => !/^(127\.\d+\.\d+\.\d+|\[::1\]|localhost):/.test(port));
}
