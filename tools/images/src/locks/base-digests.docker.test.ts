import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeProject, type TestProject } from "../testing/project.ts";
import { askDigests, writeDigests } from "./base-digests.ts";

const mediaType = "application/vnd.docker.distribution.manifest.list.v2+json";
const manifest = JSON.stringify({ schemaVersion: 2, mediaType, manifests: [] });
const digest = `sha256:${createHash("sha256").update(manifest).digest("hex")}`;

let registry: Server;
let project: TestProject;

/** As much of a registry as answers which content a tag names (OCI Distribution Specification 1.1, end-3). */
beforeEach(async () => {
  registry = createServer((request, response) => {
    const known = ["/v2/", "/v2/base/manifests/12", `/v2/base/manifests/${digest}`].includes(
      request.url ?? "",
    );
    response.writeHead(known ? 200 : 404, {
      "content-type": mediaType,
      "content-length": manifest.length,
      "docker-content-digest": digest,
    });
    response.end(request.method === "HEAD" ? undefined : manifest);
  });
  await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
  const { port } = registry.address() as AddressInfo;
  project = makeProject("export const family = [];", `127.0.0.1:${port}/base:12`);
});

afterEach(async () => {
  await project.remove();
  await new Promise((resolve) => registry.close(resolve));
});

test("the digest that a registry gives is written into site.yaml; a base that cannot be asked stays, and is said", async () => {
  const site = readFileSync(join(project.root, "site.yaml"), "utf8");
  project.write("site.yaml", site.replace('"ubuntu:22.04"', '"registry.invalid/ubuntu:22.04"'));
  const workspace = project.workspace();
  const digests = await askDigests(workspace.site, workspace.reporter);
  expect([...digests]).toEqual([["debian-12", digest]]);
  expect(workspace.said()).toContain("the digest of registry.invalid/ubuntu:22.04 stays as it is");
  expect(writeDigests(workspace.siteFile, digests)).toBe(true);
  expect(project.workspace().site.base.images["debian-12"].digest).toBe(digest);
  expect(project.workspace().site.base.images["ubuntu-22.04"].digest).toBeNull();
  expect(writeDigests(workspace.siteFile, digests)).toBe(false);
});
