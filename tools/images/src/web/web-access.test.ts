import { get, type IncomingHttpHeaders } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { noXvnc, startXvnc, type TestVncServer } from "../testing/start-xvnc.ts";
import { startWebDesktop, type WebDesktop } from "./start-web-desktop.ts";

let server: TestVncServer;
beforeAll(async () => {
  if (noXvnc === undefined) server = await startXvnc();
}, 60_000);
afterAll(() => server?.stop());
beforeEach(({ skip }) => skip(noXvnc !== undefined, noXvnc));

async function desktop(): Promise<WebDesktop> {
  const words = { title: "a desktop", kept: "", again: "", files: "" };
  const started = await startWebDesktop({ ...words, vnc: server, clipboard: { in: true, out: false } });
  onTestFinished(() => started.close());
  return started;
}

/** What a client other than a browser is answered. */
function ask(url: string, headers: Readonly<Record<string, string>> = {}) {
  return new Promise<{
    readonly status: number;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }>((resolve, reject) => {
    get(url, { headers }, async (response) => {
      const body = Buffer.concat(await response.toArray()).toString();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    }).on("error", reject);
  });
}

test("the link works once", async () => {
  const { link } = await desktop();
  expect((await ask(link)).status).toBe(200);
  const again = await ask(link);
  expect(again.status).toBe(410);
  expect(again.body).toContain("used already");
  expect(again.headers["set-cookie"]).toBeUndefined();
});

test("a wrong link opens nothing, and does not use up the right one", async () => {
  const { link } = await desktop();
  expect((await ask(`${link}x`)).status).toBe(410);
  expect((await ask(link)).status).toBe(200);
});

test("what is not that browser gets nothing", async () => {
  const { link } = await desktop();
  const { origin } = new URL(link);
  const { headers, body } = await ask(link);
  const cookie = headers["set-cookie"]?.[0] ?? "";
  expect(cookie).toMatch(/^desktop-\d+=[\w-]{43}; Path=\/[\w-]+\/; HttpOnly; SameSite=Strict$/);
  const home = /url=([^"]+)/.exec(body)?.[1] ?? "";
  const known = { cookie: cookie.split(";")[0] ?? "" };
  const status = async (path: string, sent: Readonly<Record<string, string>>) =>
    (await ask(origin + path, sent)).status;
  expect(await status(home, known)).toBe(200);
  expect(await status(home, {})).toBe(403);
  expect(await status(home, { cookie: `${known.cookie}x` })).toBe(403);
  expect(await status(home, { ...known, host: "attacker.example:80" })).toBe(421);
  expect(await status(`${home}novnc/core/rfb.js`, known)).toBe(200);
  expect(await status(`${home}novnc/../../package.json`, known)).toBe(404);
  expect(await status("/", known)).toBe(404);
});

test.each([
  ["without the cookie", { cookie: "" }],
  ["from another page", { origin: "http://attacker.example" }],
  ["under another name", { host: "attacker.example" }],
  ["without an origin", { origin: "" }],
])("no WebSocket is opened %s", async (_how, changed) => {
  const { link } = await desktop();
  const { origin, host } = new URL(link);
  const { headers, body } = await ask(link);
  const home = /url=([^"]+)/.exec(body)?.[1] ?? "";
  const right = { cookie: headers["set-cookie"]?.[0]?.split(";")[0] ?? "", origin, host };
  expect(await connects(`ws://${host}${home}socket`, right)).toBe("open");
  expect(await connects(`ws://${host}${home}socket`, { ...right, ...changed })).toMatch("403");
});

function connects(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { headers });
    socket.on("open", () => resolve("open"));
    socket.on("error", (error) => resolve(error.message));
    onTestFinished(() => socket.terminate());
  });
}
