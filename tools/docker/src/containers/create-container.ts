import { UserError } from "@workstation/cli";
import type { ContainerCreateOptions } from "dockerode";
import type { DockerConnection } from "../connect.ts";
import { ask, daemonWords, statusOf } from "./docker-fault.ts";
import { type ContainerSettings, createOptions } from "./settings.ts";

/**
 * Makes a container and does not start it; returns its id, or undefined when the name is taken.
 * Throws `UNKNOWN_IMAGE`, `MOUNT_MISSING`, `CONTAINER_REFUSED`, `ENGINE_UNAVAILABLE`, `STORAGE_FULL`.
 */
export async function createContainer(
  docker: DockerConnection,
  name: string,
  settings: ContainerSettings,
): Promise<string | undefined> {
  try {
    const abortSignal = AbortSignal.timeout(createTimeout);
    const container = await ask(() =>
      docker.createContainer(inBody(name, createOptions(settings), abortSignal)),
    );
    return container.id;
  } catch (error) {
    if (statusOf(error) === 409) return undefined;
    throw explain(error, settings);
  }
}

/**
 * What dockerode is given goes into the address as well, where it is logged by proxies and soon too long (431); these two
 * keys keep everything but the name out of there.
 */
function inBody(name: string, options: ContainerCreateOptions, abortSignal: AbortSignal) {
  return { _query: { name }, _body: options, abortSignal } as ContainerCreateOptions;
}

// Long enough for a home folder's content to be copied into its volume on a slow disk.
const createTimeout = 120_000;

function explain(error: unknown, settings: ContainerSettings): unknown {
  const status = statusOf(error);
  const words = daemonWords(error);
  if (status === 404 && /no such image/i.test(words)) {
    return new UserError(
      "UNKNOWN_IMAGE",
      `there is no image ${JSON.stringify(settings.image)} on this machine`,
      {
        hint: "list the images that are there",
        cause: error,
      },
    );
  }
  const missing = /bind source path does not exist: (.*)$/.exec(words)?.[1];
  if (missing !== undefined) {
    return new UserError(
      "MOUNT_MISSING",
      `the folder ${missing} that the container would see does not exist`,
      {
        hint: "make it, or ask for the container without it",
        cause: error,
      },
    );
  }
  if (status !== undefined && status < 500) {
    return new UserError("CONTAINER_REFUSED", `the engine refuses the container: ${words}`, { cause: error });
  }
  return error;
}
