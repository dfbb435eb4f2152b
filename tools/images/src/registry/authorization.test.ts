import { inspect } from "node:util";
import { expect, test } from "vitest";
import { authorized } from "./authorization.ts";
import type { Credentials } from "./credentials.ts";
import type { Answer, Sent, Transport } from "./transport.ts";

const host = "registry.example.org";
const blob = "/v2/batch/image/blobs/sha256:1";
const scope = "repository:batch/image:pull,push";
const challenge = `Bearer realm="https://auth.example.org/token",service="registry",scope="${scope}"`;

interface Asked extends Sent {
  readonly url: string;
}

function answer(status: number, text = "", headers: Answer["headers"] = {}): Answer {
  return { status, headers, text, body: Buffer.from(text) };
}

/** A registry with a token service, as Harbor is one; the real one of the other tests knows passwords only. */
function tokenRegistry(
  credentials: Credentials | undefined,
  { wwwAuthenticate = challenge, tokenReply = '{"token":"t1"}' } = {},
) {
  const asked: Asked[] = [];
  const send = async (url: string, sent: Sent): Promise<Answer> => {
    asked.push({ url, ...sent });
    if (url.startsWith("https://auth.example.org/")) return answer(200, tokenReply);
    if (url.startsWith("https://store.example.org/")) return answer(200);
    const allowed = ["Bearer t1", "Basic dTpw"].includes(sent.headers?.authorization ?? "");
    return allowed ? answer(200) : answer(401, "", { "www-authenticate": wwwAuthenticate });
  };
  const transport: Transport = { host, send, close: () => undefined };
  return { asked, transport: authorized(transport, credentials) };
}

const account = { user: "u", password: "p" };

test("a token is fetched with the password for what the registry asks, and used again", async () => {
  const { asked, transport } = tokenRegistry(account);
  expect((await transport.send(blob, { method: "HEAD" })).status).toBe(200);
  expect((await transport.send(blob, { method: "HEAD" })).status).toBe(200);
  expect(asked.map(({ url }) => url)).toEqual([
    blob,
    `https://auth.example.org/token?${new URLSearchParams({ service: "registry", scope })}`,
    blob,
    blob,
  ]);
  expect(asked[1]?.headers).toEqual({ authorization: "Basic dTpw" });
});

test("a token that docker login got is exchanged in the request's body", async () => {
  const { asked, transport } = tokenRegistry({ user: "", password: "", identityToken: "refresh" });
  expect((await transport.send(blob, { method: "HEAD" })).status).toBe(200);
  expect(asked[1]?.url).toBe("https://auth.example.org/token");
  expect(String(asked[1]?.body)).toContain("refresh_token=refresh");
});

test("neither password nor token goes to another host, such as a store for uploads", async () => {
  const { asked, transport } = tokenRegistry(account);
  await transport.send(blob, { method: "HEAD" });
  await transport.send("https://store.example.org/upload/1", { method: "PUT" });
  expect(asked.at(-1)?.headers).toBeUndefined();
});

test("no login is sent over a line that is not encrypted", async () => {
  const open = challenge.replace("https://auth", "http://auth");
  const { transport } = tokenRegistry(account, { wwwAuthenticate: open });
  await expect(transport.send(blob, { method: "HEAD" })).rejects.toThrow("a login over an open line");
});

test.each(['{"token":"hunter2"', '{"token":["hunter2"]}', '{"expires_in":300}', '{"token":""}'])(
  "a token service that gives no token is told without its words: %s",
  async (tokenReply) => {
    const { asked, transport } = tokenRegistry(account, { tokenReply });
    const fault = await transport.send(blob, { method: "HEAD" }).catch((error: Error) => error);
    expect(fault).toMatchObject({ name: "UserError", code: "REGISTRY_ANSWER" });
    expect(inspect(fault)).not.toContain("hunter2");
    expect(asked.map(({ headers }) => headers?.authorization)).not.toContain("Bearer undefined");
  },
);

test.each(['Bearer realm="auth",service="registry"', 'Bearer service="registry"'])(
  "a challenge that names no place to ask is the registry's fault, not the program's: %j",
  async (wwwAuthenticate) => {
    const { transport } = tokenRegistry(account, { wwwAuthenticate });
    const sent = transport.send(blob, { method: "HEAD" });
    await expect(sent).rejects.toMatchObject({ name: "UserError", code: "REGISTRY_ANSWER" });
  },
);

test("without credentials the refusal is handed on", async () => {
  const { transport } = tokenRegistry(undefined, { wwwAuthenticate: 'Basic realm="r"' });
  expect((await transport.send(blob, { method: "HEAD" })).status).toBe(401);
});
