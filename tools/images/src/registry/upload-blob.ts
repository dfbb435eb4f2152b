import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { findBlob, type Registry } from "./registry.ts";
import { asUserError, NoAnswer, refusal } from "./registry-fault.ts";
import type { Answer, Sent } from "./transport.ts";

/** Bytes that a repository shall hold. */
export interface Blob {
  readonly digest: string;
  readonly size: number;
  /** The bytes from `start` up to, and without, `end`. */
  readonly read: (start: number, end: number) => Readable;
}

/** Where an upload that was begun carries on, kept by whoever wants to resume it later. */
export interface UploadMemory {
  get(key: string): string | undefined;
  set(key: string, location: string | undefined): void;
}

/** How a blob is sent. */
export interface UploadSettings {
  readonly repository: string;
  /** Other repositories of the registry that may hold the blob: it is taken from there without sending it. */
  readonly siblings: readonly string[];
  readonly memory: UploadMemory;
  /** Fires when the user wants to stop: the chunk under way is still finished, so that the next run carries on after it. */
  readonly signal: AbortSignal;
  /** How many of the blob's bytes the registry has. */
  readonly onProgress: (bytes: number) => void;
  readonly chunkBytes?: number;
}

const usualChunk = 32 * 2 ** 20;

/**
 * Sends a blob in chunks unless it is there. An upload that was cut off carries on where the registry says it stopped:
 * after a fault at once, up to five times while nothing moves, and in a later run. Returns the bytes that were sent.
 */
export async function uploadBlob(registry: Registry, blob: Blob, settings: UploadSettings): Promise<number> {
  let sent = 0;
  const onSent = (bytes: number): void => {
    sent += bytes;
  };
  const key = `${registry.host}/${settings.repository}@${blob.digest}`;
  for (let failures = 0; ; failures += 1) {
    const before = sent;
    try {
      if ((await sizeThere({ registry, blob, settings })) === blob.size) return sent;
      await sendFromWhereItStopped({ registry, blob, settings, key, onSent });
      return sent;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      if (sent > before) failures = 0;
      if (failures >= 5) throw asUserError(error);
      await sleep(Math.min(250 * 2 ** failures, 4000), undefined, { signal: settings.signal });
    }
  }
}

interface Upload {
  readonly registry: Registry;
  readonly blob: Blob;
  readonly settings: UploadSettings;
  readonly key: string;
  readonly onSent: (bytes: number) => void;
}

async function sendFromWhereItStopped(upload: Upload): Promise<void> {
  const { blob, settings, key } = upload;
  let place = (await resumed(upload)) ?? (await begun(upload));
  while (place !== undefined && place.offset < blob.size) {
    settings.signal.throwIfAborted();
    const next = await sendChunk(upload, place);
    settings.memory.set(key, next.location);
    upload.onSent(next.offset - place.offset);
    settings.onProgress(next.offset);
    place = next;
  }
  if (place !== undefined) await finish(upload, place.location);
  settings.memory.set(key, undefined);
}

interface Place {
  readonly location: string;
  readonly offset: number;
}

/** Where an earlier upload stands, when the registry still knows it. */
async function resumed({ registry, blob, settings, key }: Upload): Promise<Place | undefined> {
  const location = settings.memory.get(key);
  if (location === undefined) return undefined;
  const answer = await registry.tryOnce(location, { method: "GET" });
  if (answer.status !== 204) return undefined;
  const place = placeOf(answer, location);
  return place.offset <= blob.size ? place : undefined;
}

/** A new upload; undefined when a sibling had the blob and it was taken from there. */
async function begun({ registry, blob, settings, key }: Upload): Promise<Place | undefined> {
  const { repository } = settings;
  const uploads = `/v2/${repository}/blobs/uploads/`;
  for (const from of settings.siblings) {
    const query = new URLSearchParams({ mount: blob.digest, from });
    const answer = await registry.tryOnce(`${uploads}?${query}`, { method: "POST" });
    if (answer.status === 201) return undefined;
  }
  const answer = await registry.tryOnce(uploads, { method: "POST" });
  if (answer.status !== 202) throw refusal(`an upload to ${repository}`, answer);
  const { location } = placeOf(answer, uploads);
  settings.memory.set(key, location);
  return { location, offset: 0 };
}

async function sendChunk(upload: Upload, { location, offset }: Place): Promise<Place> {
  const { registry, blob, settings } = upload;
  const end = Math.min(offset + (settings.chunkBytes ?? usualChunk), blob.size);
  const answer = await registry.tryOnce(location, {
    method: "PATCH",
    headers: { "content-type": "application/octet-stream", "content-range": `${offset}-${end - 1}` },
    body: { stream: () => blob.read(offset, end), bytes: end - offset },
  });
  if (answer.status !== 202) throw uploadFault(upload, `bytes ${offset} to ${end} of ${blob.digest}`, answer);
  return { location: placeOf(answer, location).location, offset: end };
}

async function finish(upload: Upload, location: string): Promise<void> {
  const { registry, blob } = upload;
  const url = withDigest(registry, location, blob.digest);
  const sent: Sent = { method: "PUT", headers: { "content-type": "application/octet-stream" } };
  const answer = await registry.tryOnce(url, sent);
  if (answer.status !== 201) throw uploadFault(upload, `the blob ${blob.digest}`, answer);
  const size = await sizeThere(upload);
  if (size !== blob.size)
    throw refusal(`to hold ${blob.size} bytes of ${blob.digest}: it has ${size}`, answer);
}

/** The same question as `findBlob`, for those who try again when no answer comes. */
function sizeThere({
  registry,
  blob,
  settings,
}: Pick<Upload, "registry" | "blob" | "settings">): Promise<number | undefined> {
  return findBlob({ ...registry, ask: registry.tryOnce }, settings.repository, blob.digest);
}

/** A registry that cannot, rather than will not, may be able to in a moment; one that forgot the upload takes a new one. */
function uploadFault({ registry, settings, key }: Upload, what: string, answer: Answer): Error {
  const forgotten = answer.status === 404 || answer.status === 416;
  if (forgotten) settings.memory.set(key, undefined);
  if (forgotten || answer.status >= 500)
    return new NoAnswer(registry.host, new Error(`${answer.status} to ${what}`));
  return refusal(what, answer);
}

function withDigest(registry: Registry, location: string, digest: string): string {
  const url = new URL(location, `https://${registry.host}`);
  url.searchParams.set("digest", digest);
  return url.href;
}

/** The registry says with each answer where the next chunk goes, and up to which byte it has them. */
function placeOf(answer: Answer, location: string): Place {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(String(answer.headers.range ?? ""))?.[1];
  const offset = last === undefined || last === "0" ? 0 : Number(last) + 1;
  return { location: answer.headers.location ?? location, offset };
}
