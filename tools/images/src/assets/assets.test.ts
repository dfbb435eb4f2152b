import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReporter } from "@workstation/cli";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Asset } from "../family/layer.ts";
import { fetchAssets, readAsset } from "./assets.ts";

const content = "a third party's program";
const sha256 = createHash("sha256").update(content).digest("hex");
let server: Server;
let local: string;
let requests = 0;
let said = "";

beforeEach(async () => {
  local = mkdtempSync(join(tmpdir(), "workstation-assets-"));
  requests = 0;
  said = "";
  server = createServer((request, response) => {
    requests += 1;
    response.statusCode = request.url === "/tool" ? 200 : 404;
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(local, { recursive: true });
});

function asset(given: Partial<Asset> = {}): Asset {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tool`;
  return { name: "tool", version: "1.0", url, sha256, to: "/opt/tool", ...given };
}

function fetchOne(wanted: Asset): Promise<void> {
  const reporter = createReporter({
    write: (text) => {
      said += text;
    },
  });
  return fetchAssets([wanted], { local, reporter, signal: new AbortController().signal });
}

test("an asset is fetched once, and kept", async () => {
  await fetchOne(asset());
  await fetchOne(asset());
  expect([readAsset(local, asset())?.toString(), requests]).toEqual([content, 1]);
});

test("an asset with another hash than the pinned one is refused, and the build goes on without it", async () => {
  const other = asset({ sha256: "0".repeat(64) });
  await fetchOne(other);
  expect(readAsset(local, other)).toBeUndefined();
  expect(said).toContain(`tool-1.0 cannot be had: ${other.url} has the hash ${sha256}`);
});

test("an asset that is gone is said, and the build goes on without it", async () => {
  await fetchOne(asset({ url: asset().url.replace("/tool", "/gone") }));
  expect(said).toContain("answers 404");
});
