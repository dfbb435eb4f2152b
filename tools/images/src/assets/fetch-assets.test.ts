import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { createReporter } from "@workstation/cli";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Asset } from "../family/layer.ts";
import { assetFile, hasAsset, sha256Of } from "./asset-store.ts";
import { fetchAssets } from "./fetch-assets.ts";

const content = "a third party's program";
const sha256 = sha256Of(Buffer.from(content));
const pooled = "pool/main/t/tool/tool_1.0.orig.tar.gz";
const apt = "/usr/lib/apt/apt-helper";
let server: Server;
let cache: string;
let requests: string[] = [];
let said = "";

beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), "workstation-assets-"));
  requests = [];
  said = "";
  server = createServer((request, response) => {
    requests.push(request.url ?? "");
    if (request.url === "/silent") return;
    if (request.url === "/stalls") return void response.writeHead(200).write(content.slice(0, 5));
    if (request.url === "/endless") return void Readable.from(endless()).pipe(response);
    if (request.url === "/empty") return void response.writeHead(204).end();
    if (request.url === "/slow") return void sendSlowly(response);
    response.statusCode = ["/tool", `/archive/${pooled}`].includes(request.url ?? "") ? 200 : 404;
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  setUpApt(`${address()}/archive`);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(cache, { recursive: true });
});

function address(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An apt whose only archive is the test's own. */
function setUpApt(archive: string): void {
  const file = join(cache, "apt.conf");
  writeFileSync(join(cache, "sources.list"), `deb [trusted=yes] ${archive} stable main\n`);
  writeFileSync(
    file,
    [
      `Dir::Etc::SourceList "${cache}/sources.list";`,
      'Dir::Etc::SourceParts "-";',
      'Acquire::http::Proxy "DIRECT";',
    ].join("\n"),
  );
  vi.stubEnv("APT_CONFIG", file);
}

function asset(given: Partial<Asset> = {}): Asset {
  return { name: "tool", version: "1.0", url: `${address()}/tool`, sha256, to: "/opt/tool", ...given };
}

function fetchOne(wanted: Asset): Promise<void> {
  const reporter = createReporter({
    write: (text) => {
      said += text;
    },
  });
  const patience = { answerMs: 400, stallMs: 400 };
  const signal = new AbortController().signal;
  return fetchAssets([wanted], { cache, reporter, signal, patience, mostBytes: 1_000_000 });
}

function* endless() {
  for (;;) yield Buffer.alloc(10_000);
}

/** Takes longer than either patience, and is never silent for so long. */
async function sendSlowly(response: ServerResponse): Promise<void> {
  for (const letter of content) {
    response.write(letter);
    await setTimeout(30);
  }
  response.end();
}

test("an asset is fetched once, and kept", async () => {
  await fetchOne(asset());
  await fetchOne(asset());
  expect([readFileSync(assetFile(cache, asset()), "utf8"), requests]).toEqual([content, ["/tool"]]);
});

test("an asset with another hash than the pinned one is refused, and the build goes on without it", async () => {
  const other = asset({ sha256: "0".repeat(64) });
  await fetchOne(other);
  expect(hasAsset(cache, other)).toBe(false);
  expect(said).toContain(`tool-1.0 cannot be had: what ${other.url} gives has the hash ${sha256}`);
});

test("an asset that is gone is said, with the way to bring it by hand", async () => {
  await fetchOne(asset({ url: `${address()}/gone` }));
  expect(said).toContain("answers 404; where you have the file: npm run images -- assets --add FILE");
});

test("a page that takes the question and says nothing is not waited for", async () => {
  await fetchOne(asset({ url: `${address()}/silent` }));
  expect(said).toContain(`${address()}/silent does not answer (silent for 400 ms)`);
});

test("a download that stops in the middle is given up, and nothing of it is kept", async () => {
  await fetchOne(asset({ url: `${address()}/stalls` }));
  expect(said).toContain(`${address()}/stalls stops in the middle (silent for 400 ms)`);
  expect(hasAsset(cache, asset())).toBe(false);
});

test("a page without content is not waited for", async () => {
  await fetchOne(asset({ url: `${address()}/empty` }));
  expect(said).toContain("/empty gives has the hash e3b0c442");
}, 5_000);

test("a page that does not end is given up at a bound, and nothing of it is kept", async () => {
  await fetchOne(asset({ url: `${address()}/endless` }));
  expect(said).toContain(`${address()}/endless gives more than 1 MB`);
  expect(readdirSync(join(cache, "assets"))).toEqual([]);
}, 5_000);

test("what a process that was ended at once has left of a download is removed", async () => {
  const gone = spawnSync("true").pid;
  const [lost, recent, running] = [`new-${gone}-a`, `new-${gone}-b`, `new-${process.pid}-c`];
  const old = new Date(Date.now() - 2 * 3_600_000);
  for (const name of [lost, recent, running]) {
    mkdirSync(join(cache, "assets", name), { recursive: true });
    if (name !== recent) utimesSync(join(cache, "assets", name), old, old);
  }
  await fetchOne(asset());
  expect(readdirSync(join(cache, "assets")).toSorted()).toEqual([sha256, recent, running].toSorted());
});

test("a slow download that goes on is waited for", async () => {
  await fetchOne(asset({ url: `${address()}/slow` }));
  expect([said, hasAsset(cache, asset())]).toEqual(["", true]);
});

test("a page that does not answer is named with the reason", async () => {
  await fetchOne(asset({ url: "http://127.0.0.1:2/tool" }));
  expect(said).toMatch(/127\.0\.0\.1:2\/tool does not answer \(.*ECONNREFUSED.*\)/);
});

test.skipIf(!existsSync(apt))(
  "what its page does not give comes from the distribution's archive",
  async () => {
    const archived = asset({ url: `${address()}/gone`, archivePaths: ["pool/other/tool", pooled] });
    await fetchOne(archived);
    expect(said).toBe("");
    expect(readFileSync(assetFile(cache, archived), "utf8")).toBe(content);
    expect(requests).toContain(`/archive/${pooled}`);
  },
);

test.skipIf(!existsSync(apt))(
  "an archive that has something else under that name gives nothing",
  async () => {
    const other = asset({ url: `${address()}/gone`, archivePaths: [pooled], sha256: "0".repeat(64) });
    await fetchOne(other);
    expect(hasAsset(cache, other)).toBe(false);
    expect(said).toContain(`no archive of this machine's apt has it (${pooled})`);
  },
);
