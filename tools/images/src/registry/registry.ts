import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { authorized } from "./authorization.ts";
import type { Credentials } from "./credentials.ts";
import { asUserError, NoAnswer, refusal } from "./registry-fault.ts";
import {
  type Answer,
  openTransport,
  type Sent,
  type Transport,
  type TransportSettings,
} from "./transport.ts";

/** A manifest as the registry holds it, byte for byte. */
export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** One registry, as the OCI Distribution Specification (1.1) describes it. */
export interface Registry {
  readonly host: string;
  /** One request, repeated while the registry is at fault (5xx); no answer becomes a `UserError`, any status is given back. */
  ask(url: string, sent: Sent): Promise<Answer>;
  /** The same, without a word on what no answer means: for those who try again. */
  tryOnce(url: string, sent: Sent): Promise<Answer>;
  close(): void;
}

/** Opens a registry; nothing is asked yet. */
export function openRegistry(
  host: string,
  settings: TransportSettings & { readonly credentials: Credentials | undefined },
): Registry {
  const transport = authorized(openTransport(host, settings), settings.credentials);
  const tryOnce = (url: string, sent: Sent) => following(transport, url, sent);
  return {
    host,
    close: transport.close,
    tryOnce,
    ask: async (url, sent) => {
      try {
        return await whileItFails(() => tryOnce(url, sent));
      } catch (error) {
        throw error instanceof NoAnswer ? asUserError(error) : error;
      }
    },
  };
}

/** A registry that is asked for a tag in the moment in which another publisher writes it may answer 500. */
async function whileItFails(send: () => Promise<Answer>): Promise<Answer> {
  for (const pause of [100, 400, 1600]) {
    const answer = await send();
    if (answer.status < 500) return answer;
    await sleep(pause);
  }
  return send();
}

/** Stores behind a registry are reached by a redirect. */
async function following(transport: Transport, url: string, sent: Sent): Promise<Answer> {
  const answer = await transport.send(url, sent);
  const { location } = answer.headers;
  const reads = sent.method === "GET" || sent.method === "HEAD";
  if (!reads || answer.status < 300 || answer.status > 399 || location === undefined) return answer;
  return transport.send(new URL(location, new URL(url, `https://${transport.host}`)).href, sent);
}

/** Throws unless somebody with these credentials may use the registry (`REGISTRY_LOGIN`, `REGISTRY_UNAVAILABLE`, …). */
export async function requireAccess(registry: Registry): Promise<void> {
  const answer = await registry.ask("/v2/", { method: "GET" });
  if (answer.status !== 200) throw refusal(`the login to ${registry.host}`, answer);
}

/** The bytes of a blob in a repository; undefined when it is not there. */
export async function findBlob(
  registry: Registry,
  repository: string,
  digest: string,
): Promise<number | undefined> {
  const answer = await registry.ask(`/v2/${repository}/blobs/${digest}`, { method: "HEAD" });
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refusal(`a look at ${repository}@${digest}`, answer);
  return Number(answer.headers["content-length"]);
}

/** Reads a small blob, such as an image's configuration; its digest is checked. */
export async function readBlob(registry: Registry, repository: string, digest: string): Promise<Buffer> {
  const answer = await registry.ask(`/v2/${repository}/blobs/${digest}`, { method: "GET" });
  if (answer.status !== 200) throw refusal(`to read ${repository}@${digest}`, answer);
  if (digestOf(answer.body) !== digest) throw refusal(`${repository}@${digest} as it is`, answer);
  return answer.body;
}

const manifestTypes = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
].join(", ");

/** The manifest that a tag or a digest names; undefined when there is none. Its digest is that of the bytes received. */
export async function findManifest(
  registry: Registry,
  repository: string,
  reference: string,
): Promise<StoredManifest | undefined> {
  const url = `/v2/${repository}/manifests/${reference}`;
  const answer = await registry.ask(url, { method: "GET", headers: { accept: manifestTypes } });
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refusal(`a look at ${repository}:${reference}`, answer);
  const mediaType = String(answer.headers["content-type"]);
  return { digest: digestOf(answer.body), mediaType, bytes: answer.body };
}

/** Stores a manifest under a tag or its digest. Returns whether the registry keeps track of its `subject` by itself. */
export async function putManifest(
  registry: Registry,
  repository: string,
  manifest: { readonly reference: string; readonly mediaType: string; readonly bytes: Buffer },
): Promise<{ readonly tracksSubject: boolean }> {
  const answer = await registry.ask(`/v2/${repository}/manifests/${manifest.reference}`, {
    method: "PUT",
    headers: { "content-type": manifest.mediaType },
    body: manifest.bytes,
  });
  if (answer.status !== 201) throw refusal(`the manifest of ${repository}:${manifest.reference}`, answer);
  return { tracksSubject: answer.headers["oci-subject"] !== undefined };
}

/** `sha256:` and 64 hexadecimal digits. */
export function digestOf(bytes: Buffer | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
