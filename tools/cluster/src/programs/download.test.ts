import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReporter } from "@workstation/cli";
import { create } from "tar";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { downloadControlPlane, downloadFolder } from "./download.ts";

const platform = [process.platform, process.arch === "x64" ? "amd64" : process.arch];
const hash = (algorithm: string, content: string | Buffer) =>
  createHash(algorithm).update(content).digest("hex");

describe("the download of a control plane", () => {
  const cache = mkdtempSync(join(tmpdir(), "workstation-download-"));
  const files = new Map<string, string | Buffer>();
  const server = createServer((request, response) => {
    const content = files.get(request.url ?? "");
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  let said = "";
  const reporter = createReporter({ write: (text) => (said += text) });
  const source = { index: "", releases: "" };

  beforeEach(async () => {
    vi.stubEnv("XDG_CACHE_HOME", cache);
    said = "";
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    Object.assign(source, { index: `${address}/index`, releases: `${address}/release` });
    await publish(address);
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    rmSync(cache, { recursive: true, force: true });
    await once(server.close(), "close");
  });

  async function publish(address: string): Promise<void> {
    const content = join(cache, "controller-tools/envtest");
    mkdirSync(content, { recursive: true });
    for (const name of ["etcd", "kube-apiserver"]) writeFileSync(join(content, name), name, { mode: 0o755 });
    await create({ cwd: cache, file: join(cache, "archive"), gzip: true }, ["controller-tools"]);
    const archive = readFileSync(join(cache, "archive"));
    const name = (version: string) => `envtest-${version}-${platform.join("-")}.tar.gz`;
    const release = (version: string) =>
      `  ${version}:\n    ${name(version)}: { hash: ${hash("sha512", archive)}, selfLink: ${address}/${version} }\n`;
    files.set("/index", `releases:\n${["v1.36.2", "v1.36.10", "v1.37.0"].map(release).join("")}`);
    files.set("/v1.36.10", archive);
    const program = `/release/v1.36.10/bin/${platform.join("/")}/kube-controller-manager`;
    files.set(program, "manager");
    files.set(`${program}.sha256`, `${hash("sha256", "manager")}\n`);
  }

  test("brings the newest patch of the version, each program where it is looked for", async () => {
    await downloadControlPlane(reporter, source);
    expect(said).toContain("done: Download the control plane of Kubernetes v1.36.10");
    for (const name of ["etcd", "kube-apiserver"]) {
      expect(readFileSync(join(downloadFolder(), name), "utf8")).toBe(name);
    }
    expect(statSync(join(downloadFolder(), "kube-controller-manager")).mode & 0o111).toBe(0o111);
  });

  test("keeps nothing that is not what was published", async () => {
    files.set("/v1.36.10", "something else");
    await downloadControlPlane(reporter, source);
    expect(said).toMatch(/not downloaded: a download's sha512 is/);
    expect(existsSync(downloadFolder())).toBe(false);
  });

  test("is no fault where nobody answers", async () => {
    await downloadControlPlane(reporter, { ...source, index: "http://127.0.0.1:1/index" });
    expect(said).toMatch(/not downloaded: fetch failed/);
  });
});
