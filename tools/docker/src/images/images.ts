import { addAbortSignal, type Readable } from "node:stream";
import { parseImageReference, tagOf } from "@workstation/cli";
import type { ImageInfo, ImageInspectInfo } from "dockerode";
import type { DockerConnection } from "../connect.ts";
import { askSoon, askUnlessMissing, statusOf } from "../containers/docker-fault.ts";

/** What the tools need to know of an image on this machine. */
export interface ImageSummary {
  readonly id: string;
  /** References such as `ubuntu-python:latest`; empty when the image has no tag. */
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Bytes of its files on disk; what the engine keeps beside them to hand it on is not in it. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** An image with what only a closer look tells. */
export interface ImageDetails extends Omit<ImageSummary, "size"> {
  /** Hashes of the uncompressed layers, lowest first. */
  readonly diffIds: readonly string[];
  readonly user: string;
  readonly environment: readonly string[];
  readonly entrypoint: readonly string[];
  readonly healthcheck: readonly string[] | undefined;
  /** Ports that the image offers, such as `8888/tcp`. */
  readonly ports: readonly string[];
}

/** Images that carry a label (`name` or `name=value`); with none given, all. */
export async function listImages(docker: DockerConnection, label?: string): Promise<readonly ImageSummary[]> {
  const filters = label === undefined ? {} : { filters: { label: [label] } };
  const found = await askSoon(docker, (soon) => soon.listImages({ all: false, manifests: true, ...filters }));
  return found.map((image) => ({
    id: image.Id,
    tags: (image.RepoTags ?? []).filter((tag) => tag !== "<none>:<none>"),
    labels: image.Labels ?? {},
    size: sizeOfFiles(image),
    createdAt: image.Created * 1000,
  }));
}

/** The containerd image store keeps compressed layers too, and counts both in `Size`; it tells the parts when asked for. */
function sizeOfFiles(image: ImageInfo): number {
  const unpacked = (image.Manifests ?? []).map((each) => each.ImageData?.Size.Unpacked ?? 0);
  return unpacked.reduce((sum, each) => sum + each, 0) || image.Size;
}

/** Ids of the images that containers have, running or not. */
export async function imagesInUse(docker: DockerConnection): Promise<ReadonlySet<string>> {
  const containers = await askSoon(docker, (soon) => soon.listContainers({ all: true }));
  return new Set(containers.map(({ ImageID }) => ImageID));
}

/** The image a reference or id names; undefined when this machine has none. */
export async function inspectImage(
  docker: DockerConnection,
  reference: string,
): Promise<ImageDetails | undefined> {
  const image = await askUnlessMissing(() => askSoon(docker, (soon) => soon.getImage(reference).inspect()));
  return image && toDetails(image);
}

function toDetails(image: ImageInspectInfo): ImageDetails {
  return {
    id: image.Id,
    tags: image.RepoTags ?? [],
    labels: image.Config.Labels ?? {},
    createdAt: Date.parse(image.Created),
    diffIds: image.RootFS.Layers ?? [],
    user: image.Config.User ?? "",
    environment: image.Config.Env ?? [],
    entrypoint: [image.Config.Entrypoint ?? []].flat(),
    healthcheck: image.Config.Healthcheck?.Test,
    ports: Object.keys(image.Config.ExposedPorts ?? {}),
  };
}

/** Gives an image one more reference, taking it from the image that had it. */
export async function tagImage(docker: DockerConnection, id: string, reference: string): Promise<void> {
  const named = { repo: parseImageReference(reference).name, tag: tagOf(reference) };
  await askSoon(docker, (soon) => soon.getImage(id).tag(named));
}

/** Removes a reference, and the image when it was its last; false when there is none, or a container still needs it. */
export async function removeImage(docker: DockerConnection, reference: string): Promise<boolean> {
  try {
    await askSoon(docker, (soon) => soon.getImage(reference).remove(), diskWorkMs);
    return true;
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 409) return false;
    throw error;
  }
}

/** Large images on a slow disk: until all their files are gone, or older engines have packed what they then send. */
const diskWorkMs = 1_800_000;

/** The image as `docker save` writes it: a tar archive with one tar a layer. The signal ends it, also in the middle. */
export async function saveImage(
  docker: DockerConnection,
  reference: string,
  signal?: AbortSignal,
): Promise<Readable> {
  const asked = askSoon(docker, (soon) => soon.getImage(reference).get(), diskWorkMs) as Promise<Readable>;
  if (signal === undefined) return asked;
  // dockerode takes no signal here: what the engine answers after it is ended as it comes.
  const endable = asked.then((stream) =>
    signal.aborted ? stream.on("error", () => undefined).destroy() : addAbortSignal(signal, stream),
  );
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  return Promise.race([endable, stopped]);
}

/** One entry of an image's history, newest first; bytes are uncompressed. */
export interface HistoryEntry {
  readonly createdBy: string;
  readonly size: number;
}

/** How an image was made, newest step first. */
export async function imageHistory(
  docker: DockerConnection,
  reference: string,
): Promise<readonly HistoryEntry[]> {
  const entries = (await askSoon(docker, (soon) => soon.getImage(reference).history())) as readonly {
    CreatedBy: string;
    Size: number;
  }[];
  return entries.map((entry) => ({ createdBy: entry.CreatedBy, size: entry.Size }));
}
