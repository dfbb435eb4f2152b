import type { Readable } from "node:stream";
import { parseImageReference, tagOf } from "@workstation/cli";
import type { ImageInfo } from "dockerode";
import type { DockerConnection } from "../connect.ts";
import { statusOf } from "../containers/docker-fault.ts";

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
  const found = await docker.listImages({ all: false, manifests: true, ...filters });
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
  const containers = await docker.listContainers({ all: true });
  return new Set(containers.map(({ ImageID }) => ImageID));
}

/** The image a reference or id names; undefined when this machine has none. */
export async function inspectImage(
  docker: DockerConnection,
  reference: string,
): Promise<ImageDetails | undefined> {
  try {
    const image = await docker.getImage(reference).inspect();
    const health = image.Config.Healthcheck?.Test;
    return {
      id: image.Id,
      tags: image.RepoTags ?? [],
      labels: image.Config.Labels ?? {},
      createdAt: Date.parse(image.Created),
      diffIds: image.RootFS.Layers ?? [],
      user: image.Config.User ?? "",
      environment: image.Config.Env ?? [],
      entrypoint: [image.Config.Entrypoint ?? []].flat(),
      healthcheck: health,
      ports: Object.keys(image.Config.ExposedPorts ?? {}),
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Gives an image one more reference, taking it from the image that had it. */
export async function tagImage(docker: DockerConnection, id: string, reference: string): Promise<void> {
  await docker.getImage(id).tag({ repo: parseImageReference(reference).name, tag: tagOf(reference) });
}

/** Removes a reference, and the image when it was its last; false when there is none, or a container still needs it. */
export async function removeImage(docker: DockerConnection, reference: string): Promise<boolean> {
  try {
    await docker.getImage(reference).remove();
    return true;
  } catch (error) {
    if (isNotFound(error) || statusOf(error) === 409) return false;
    throw error;
  }
}

/** The image as `docker save` writes it: a tar archive with one tar a layer. */
export async function saveImage(docker: DockerConnection, reference: string): Promise<Readable> {
  return (await docker.getImage(reference).get()) as Readable;
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
  const entries = (await docker.getImage(reference).history()) as readonly {
    CreatedBy: string;
    Size: number;
  }[];
  return entries.map((entry) => ({ createdBy: entry.CreatedBy, size: entry.Size }));
}

function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404;
}
