import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { connectDocker } from "@workstation/docker";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type FaultyLine, openFaultyLine } from "../testing/faulty-line.ts";
import { startRegistry, type TestRegistry } from "../testing/registry.ts";
import {
  attach,
  describe as describeContent,
  emptyConfig,
  listReferrers,
  makeAttachment,
  ociTypes,
} from "./referrers.ts";
import { digestOf, findBlob, findManifest, putManifest, type Registry, requireAccess } from "./registry.ts";
import { type Blob, type UploadMemory, uploadBlob } from "./upload-blob.ts";

let server: TestRegistry;
let line: FaultyLine;
let registry: Registry;

beforeAll(async () => {
  server = await startRegistry(await connectDocker());
});

afterAll(() => server.remove());

beforeEach(async () => {
  line = await openFaultyLine(server.host);
  registry = server.open({ host: line.host });
});

afterEach(async () => {
  registry.close();
  await line.close();
});

const mebibyte = 2 ** 20;

function makeBlob(bytes: number): Blob {
  const content = randomBytes(bytes);
  return blobOf(content);
}

function blobOf(content: Buffer): Blob {
  const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
  return {
    digest,
    size: content.length,
    read: (start, end) => Readable.from([content.subarray(start, end)]),
  };
}

function makeMemory(): UploadMemory {
  const kept = new Map<string, string>();
  return {
    get: (key) => kept.get(key),
    set: (key, value) => void (value === undefined ? kept.delete(key) : kept.set(key, value)),
  };
}

function upload(blob: Blob, given: Partial<Parameters<typeof uploadBlob>[2]> = {}, to = registry) {
  return uploadBlob(to, blob, {
    repository: "batch/image",
    siblings: [],
    memory: makeMemory(),
    signal: new AbortController().signal,
    onProgress: () => undefined,
    chunkBytes: mebibyte,
    ...given,
  });
}

test("a blob is sent in chunks, and once it is there not sent again", async () => {
  const blob = makeBlob(3.5 * mebibyte);
  const progress: number[] = [];
  expect(await upload(blob, { onProgress: (bytes) => progress.push(bytes / mebibyte) })).toBe(blob.size);
  expect(progress).toEqual([1, 2, 3, 3.5]);
  expect(await upload(blob)).toBe(0);
  expect(await findBlob(registry, "batch/image", blob.digest)).toBe(blob.size);
});

test("a blob that another repository has is taken from there", async () => {
  const blob = makeBlob(mebibyte);
  await upload(blob, { repository: "batch/parent" });
  expect(await upload(blob, { repository: "batch/child", siblings: ["batch/none", "batch/parent"] })).toBe(0);
  expect(await findBlob(registry, "batch/child", blob.digest)).toBe(blob.size);
});

test("a user's stop ends after the chunk under way, and the next run sends the rest only", async () => {
  const blob = makeBlob(4 * mebibyte);
  const memory = makeMemory();
  const stop = new AbortController();
  const onProgress = (): void => stop.abort(new Error("stopped"));
  await expect(upload(blob, { memory, signal: stop.signal, onProgress })).rejects.toThrow("stopped");
  expect(await findBlob(registry, "batch/image", blob.digest)).toBeUndefined();
  expect(await upload(blob, { memory })).toBe(3 * mebibyte);
});

test("a line that is cut in the middle of a chunk and comes back costs no more than the blob", async () => {
  const blob = makeBlob(4 * mebibyte);
  line.cutAfter(2.5 * mebibyte);
  const mended = setTimeout(() => line.cutAfter(null), 600);
  await upload(blob);
  clearTimeout(mended);
  expect(await findBlob(registry, "batch/image", blob.digest)).toBe(blob.size);
  expect(line.sent()).toBeLessThan(7.5 * mebibyte);
});

test("a registry that was killed carries on after its start", async () => {
  const blob = makeBlob(4 * mebibyte);
  const memory = makeMemory();
  let killing: Promise<void> | undefined;
  const onProgress = (bytes: number): void => {
    if (bytes === 2 * mebibyte) killing ??= server.kill().then(() => server.start());
  };
  const sent = await upload(blob, { memory, onProgress });
  await killing;
  expect(sent).toBeGreaterThanOrEqual(blob.size);
  expect(await findBlob(registry, "batch/image", blob.digest)).toBe(blob.size);
});

test("bytes that are not those of the digest are refused", async () => {
  const blob = { ...makeBlob(mebibyte), digest: `sha256:${"0".repeat(64)}` };
  await expect(upload(blob)).rejects.toThrow("DIGEST_INVALID");
  expect(await findBlob(registry, "batch/image", blob.digest)).toBeUndefined();
});

test("a wrong password, an unknown authority and a registry that is not there each say what to do", async () => {
  const wrong = server.open({ password: "guess" });
  await expect(requireAccess(wrong)).rejects.toMatchObject({ code: "REGISTRY_LOGIN", exitCode: 77 });
  const unknown = server.open({ authorities: [] });
  await expect(requireAccess(unknown)).rejects.toMatchObject({
    code: "REGISTRY_UNTRUSTED",
    hint: expect.stringContaining("/etc/docker/certs.d"),
  });
  line.cutAfter(0);
  await expect(requireAccess(registry)).rejects.toMatchObject({ code: "REGISTRY_UNAVAILABLE", exitCode: 69 });
  for (const each of [wrong, unknown]) each.close();
});

/** The smallest image that there can be. */
async function pushImage(repository: string) {
  const config = blobOf(Buffer.from(JSON.stringify({ made: randomBytes(8).toString("hex") })));
  await upload(config, { repository });
  await upload(blobOf(emptyConfig.bytes), { repository });
  const described = { mediaType: ociTypes.config, digest: config.digest, size: config.size };
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: ociTypes.manifest, config: described, layers: [] }),
  );
  const subject = { mediaType: ociTypes.manifest, digest: digestOf(bytes), size: bytes.length };
  await putManifest(registry, repository, { reference: subject.digest, mediaType: ociTypes.manifest, bytes });
  return subject;
}

test("what is attached is found from the image, also where two publishers attach at once", async () => {
  const repository = `batch/${randomBytes(4).toString("hex")}`;
  const subject = await pushImage(repository);
  const attachments = ["one", "two", "three"].map((text) =>
    makeAttachment(subject, { mediaType: "text/plain", bytes: Buffer.from(text) }, { text }),
  );
  for (const text of ["one", "two", "three"]) await upload(blobOf(Buffer.from(text)), { repository });
  await Promise.all(attachments.map((each) => attach(registry, repository, each)));
  await attach(registry, repository, attachments[0] ?? expect.unreachable());
  const listed = await listReferrers(registry, repository, subject.digest);
  expect(listed.map((each) => each.annotations?.text).toSorted()).toEqual(["one", "three", "two"]);
  const manifest = await findManifest(registry, repository, listed[0]?.digest ?? "");
  expect(JSON.parse(manifest?.bytes.toString() ?? "")).toMatchObject({ subject, artifactType: "text/plain" });
  expect(describeContent(emptyConfig).digest).toMatch(/^sha256:44136fa355b3678a/);
});
