import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { UserError } from "@workstation/cli";
import {
  type ContainerSettings,
  connectDocker,
  containerSettings,
  createContainer,
  type DockerConnection,
  type FolderMount,
  type ImageDetails,
  inspectImage,
  localOpenFilesCeiling,
  readContainerLog,
  removeContainer,
  startContainer as startExisting,
  stopContainer,
  waitForContainer,
} from "@workstation/docker";
import { containerPaths, containerProfile, imageLabels, loadSite } from "@workstation/site";
import type { TestContext } from "vitest";

/** What a test may want otherwise than a job has it. */
export interface ContainerOptions {
  /** Default: the image under test. */
  readonly image?: string;
  /** Default: the site's user. */
  readonly uid?: number;
  readonly gid?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly binds?: readonly FolderMount[];
  /** `none` (the default), or a network of the test's own. */
  readonly network?: string;
  /** Names under which others on the network find the container. */
  readonly aliases?: readonly string[];
  /** Default: a job. */
  readonly kind?: "job" | "desktop";
  /** An empty file system in memory over the whole home, as a fresh volume is. */
  readonly emptyHome?: boolean;
  /** Whether the container is given the machine's first GPU; default: none. */
  readonly gpu?: boolean;
  /** Default: the image's own. */
  readonly entrypoint?: readonly string[];
}

/** A command that ran to its end in a container of its own. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A container that a test started; it is removed when the test calls `remove`. */
export interface StartedContainer {
  readonly id: string;
  /** Resolves when the container's output contains the text; rejects when it ends before. */
  readonly wrote: (text: string) => Promise<void>;
  /** Waits until the command has ended by itself. */
  readonly ended: () => Promise<Ended>;
  readonly remove: () => Promise<void>;
}

const site = loadSite(join(import.meta.dirname, "../../../../site.yaml"));

/** The paths of the contract with the researcher, and the site that the image was built for. */
export const paths = containerPaths(site);
export { site };

/** The name that every object of this test run carries; whoever started the run may have chosen it. */
export const testRun = process.env.WORKSTATION_TEST_RUN ?? `images-test-${randomBytes(4).toString("hex")}`;

/** The image that this test run is about. Throws `NO_IMAGE_UNDER_TEST`. */
export function imageUnderTest(): string {
  const reference = process.env.WORKSTATION_IMAGE;
  if (reference) return reference;
  throw new UserError("NO_IMAGE_UNDER_TEST", "WORKSTATION_IMAGE does not name the image to test", {
    hint: "npm run images -- test ubuntu-python",
  });
}

/** What the engine knows of the image under test. */
export async function imageDetails(): Promise<ImageDetails> {
  const details = await inspectImage(await connection(), imageUnderTest());
  if (details !== undefined) return details;
  throw new UserError("IMAGE_MISSING", `there is no image "${imageUnderTest()}" on this machine`, {
    hint: "npm run images -- build",
  });
}

/** Skips a test, with the reason, whose image was built without a third-party file (`proot-5.4.0`) that could not be had. */
export async function skipWithout(asset: string, { skip }: Pick<TestContext, "skip">): Promise<void> {
  const missing = (await imageDetails()).labels[imageLabels.missingAssets]?.split(" ") ?? [];
  skip(missing.includes(asset), `the image was built without ${asset}, which could not be had`);
}

/**
 * Runs a command in a fresh container, through the image's entrypoint, and removes the container. It is as hard as a
 * job's: no network, read-only root, no capability, no new privileges, limits; home and /tmp are its own.
 */
export async function runInImage(command: readonly string[], options: ContainerOptions = {}): Promise<Ended> {
  const container = await startContainer(command, options);
  try {
    return await container.ended();
  } finally {
    await container.remove();
  }
}

/** The same with one line of shell. */
export function shellInImage(line: string, options: ContainerOptions = {}): Promise<Ended> {
  return runInImage(["bash", "-c", line], options);
}

/** The same with a text of Python, which may have many lines. */
export function pythonInImage(program: string, options: ContainerOptions = {}): Promise<Ended> {
  return runInImage(["python3", "-c", program], options);
}

/** Starts a command in a fresh container, hardened as in `runInImage`, and leaves it running. */
export async function startContainer(
  command: readonly string[],
  options: ContainerOptions = {},
): Promise<StartedContainer> {
  const docker = await connection();
  const id = await createContainer(docker, `${testRun}-${randomBytes(4).toString("hex")}`, {
    ...settings(options, await localOpenFilesCeiling(docker)),
    command,
  });
  if (id === undefined) throw new Error("a random container name was taken");
  const remove = async (): Promise<void> => {
    await stopContainer(docker, id, 0);
    await removeContainer(docker, id);
  };
  const start = await startExisting(docker, id);
  if (start.outcome !== "started") {
    await remove();
    throw new Error(`the container did not start: ${"message" in start ? start.message : start.outcome}`);
  }
  return { id, remove, wrote: (text) => waitForText(docker, id, text), ended: () => waitForEnd(docker, id) };
}

let connecting: Promise<DockerConnection> | undefined;

/** The connection that all tests of this process share. */
export function connection(): Promise<DockerConnection> {
  connecting ??= connectDocker();
  return connecting;
}

function settings(options: ContainerOptions, openFilesCeiling: number | undefined): ContainerSettings {
  const asked = { uid: options.uid ?? site.user.uid, gid: options.gid ?? site.user.gid };
  const asRoot = asked.uid === 0; // who looks at every file of an image; no site runs such a container
  const profile = containerProfile(site, {
    kind: options.kind ?? "job",
    size: { cores: 2, memoryBytes: 4 * 2 ** 30 },
    ids: asRoot ? site.user : asked,
    home: options.emptyHome === true ? "memory" : "image",
    openFilesCeiling,
  });
  const mine = { [imageLabels.testRun]: testRun };
  const made = containerSettings(profile, {
    image: options.image ?? imageUnderTest(),
    ...(options.entrypoint === undefined ? {} : { entrypoint: options.entrypoint }),
    labels: mine,
    scratchLabels: mine,
    places: { state: "/nowhere" },
    connection: {
      network: options.network ?? "none",
      hostEntries: [],
      ...(options.aliases === undefined ? {} : { aliases: options.aliases }),
    },
  });
  return {
    ...made,
    ...(asRoot ? asked : {}),
    environment: { ...made.environment, ...options.environment },
    binds: options.binds ?? [],
    gpus: options.gpu === true ? ["0"] : made.gpus,
  };
}

/** The log is read after the end: one that is followed may lose a last line without a line end. */
async function waitForEnd(docker: DockerConnection, id: string): Promise<Ended> {
  const limit = AbortSignal.timeout(endTimeout);
  const exitCode = await waitForContainer(docker, id, limit);
  const output = { stdout: "", stderr: "" };
  for await (const line of readContainerLog(docker, id, { follow: false, signal: limit })) {
    output[line.stream] += line.data.toString();
  }
  return { exitCode, ...output };
}

const endTimeout = 170_000;

/** Resolves when a container's output contains the text; rejects when it ends before, or after three minutes. */
export async function waitForText(docker: DockerConnection, id: string, text: string): Promise<void> {
  let seen = "";
  const limit = AbortSignal.timeout(endTimeout);
  for await (const line of readContainerLog(docker, id, { follow: true, signal: limit })) {
    seen += line.data.toString();
    if (seen.includes(text)) return;
  }
  throw new Error(`the container ended before it wrote ${JSON.stringify(text)}:\n${seen.slice(-2000)}`);
}
