import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Client from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DockerConnection } from "./connect.ts";
import { askSoon } from "./containers/docker-fault.ts";
import { publishedPorts } from "./containers/published-ports.ts";
import { readFileSystem } from "./images/export-files.ts";
import {
  imageHistory,
  imagesInUse,
  inspectImage,
  listImages,
  removeImage,
  saveImage,
} from "./images/images.ts";

/** An engine that is stuck: it takes connections and never answers, but begins an image's archive. */
const folder = mkdtempSync(join(tmpdir(), "workstation-stuck-"));
const socketPath = join(folder, "docker.sock");
const server = createServer((request, answer) => {
  if (request.url?.endsWith("/slow/get")) answer.writeHead(200).write("first");
  setTimeout(() => answer.end("last"), request.url?.endsWith("/slow/get") ? 300 : 2 ** 30).unref();
});
let stuck: DockerConnection;

beforeAll(async () => {
  await once(server.listen(socketPath), "listening");
  stuck = new Client({ socketPath });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

describe("an engine that is stuck", () => {
  it.each([
    ["an image", (docker: DockerConnection) => docker.getImage("x").inspect()],
    ["an image's history", (docker: DockerConnection) => docker.getImage("x").history()],
    ["an image's archive", (docker: DockerConnection) => docker.getImage("x").get()],
    ["a network", (docker: DockerConnection) => docker.getNetwork("x").inspect()],
    ["its containers", (docker: DockerConnection) => docker.listContainers({ all: true })],
  ])("is no longer asked for %s when the limit is reached, and no connection stays", async (_, send) => {
    const asked = askSoon(stuck, send, 100);
    await expect(asked).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE", exitCode: 69 });
    await expect(asked).rejects.toThrow("no answer within 0.1 s");
    await expect.poll(() => connections()).toBe(0);
  });

  it("may take its time for a stream that has begun", async () => {
    const stream = await askSoon(stuck, (docker) => docker.getImage("slow").get(), 100);
    let text = "";
    for await (const bytes of stream) text += bytes;
    expect(text).toBe("firstlast");
  });
});

function connections(): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

describe("an engine that is gone", () => {
  const gone = new Client({ socketPath: join(folder, "nobody.sock") });
  const read = async () => undefined;
  it.each([
    ["lists no images", () => listImages(gone)],
    ["says of no image what it is", () => inspectImage(gone, "x")],
    ["removes no image", () => removeImage(gone, "x")],
    ["hands out no image", () => saveImage(gone, "x")],
    ["tells no image's history", () => imageHistory(gone, "x")],
    ["says of no image that it is in use", () => imagesInUse(gone)],
    ["hands out no files", () => readFileSystem(gone, { reference: "x", labels: {} }, read)],
    ["tells no ports", () => publishedPorts(gone, "x")],
  ])("%s, which its user can mend", async (_, send) => {
    await expect(send()).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE", exitCode: 69 });
  });
});
