import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, expect, test } from "vitest";
import { findCredentials } from "./credentials.ts";

const folder = mkdtempSync(join(tmpdir(), "workstation-credentials-"));
const host = "registry.example.org:5000";
afterAll(() => rmSync(folder, { recursive: true }));

function dockerConfig(config: unknown): void {
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
}

const find = (more: Readonly<Record<string, string>> = {}, signal = new AbortController().signal) =>
  findCredentials(host, {
    signal,
    patienceMs: 300,
    environment: { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env.PATH}`, ...more },
  });

function writeHelper(name: string, script: string): void {
  const file = join(folder, `docker-credential-${name}`);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

test("without any, the registry is asked as nobody", async () => {
  expect(await find({ DOCKER_CONFIG: join(folder, "nobody") })).toBeUndefined();
});

test("what docker login wrote is used, for this registry only", async () => {
  const auth = Buffer.from("alice:a:b").toString("base64");
  dockerConfig({ auths: { [host]: { auth }, "other.example.org": { auth: "x" } } });
  expect(await find()).toEqual({ user: "alice", password: "a:b" });
});

test("a credential helper is asked, and wins over what lies in the file", async () => {
  const login = `printf '%s' '{"Username":"bob","Secret":"s"}'`;
  writeHelper("vault", `read -r host\n[ "$host" = "${host}" ] && ${login}`);
  dockerConfig({ credHelpers: { [host]: "vault" }, auths: { [host]: { auth: "eDp5" } } });
  expect(await find()).toEqual({ user: "bob", password: "s" });
});

test.each(["hunter2", '{"Username":"bob","Secret":"hunter2"', '{"Username":"bob","Secret":["hunter2"]}'])(
  "a helper's answer that is no login is told without its words: %s",
  async (answer) => {
    writeHelper("broken", `printf '%s' '${answer}'`);
    dockerConfig({ credsStore: "broken" });
    const fault = await find().catch((error: Error) => error);
    expect(fault).toMatchObject({ code: "CREDENTIALS_UNREADABLE" });
    expect(inspect(fault)).toContain("docker-credential-broken");
    expect(inspect(fault)).not.toContain("hunter2");
  },
);

test("a helper that has none leaves it to the file, and to nobody", async () => {
  writeHelper("empty", "echo credentials not found in native keychain; exit 1");
  dockerConfig({ credsStore: "empty" });
  expect(await find()).toBeUndefined();
  dockerConfig({ credsStore: "empty", auths: { [host]: { auth: "eDp5" } } });
  expect(await find()).toEqual({ user: "x", password: "y" });
});

test.each([
  ["fails", "echo hunter2 is locked; exit 1", "fails (1)"],
  ["waits for its user", "sleep 20", "does not answer within 300 ms"],
  ["is not there", undefined, "is not on the PATH"],
])(
  "a helper that %s is told, and nobody logs in as nobody",
  async (name, script, words) => {
    const helper = name.replaceAll(" ", "-");
    if (script !== undefined) writeHelper(helper, script);
    dockerConfig({ credsStore: helper });
    const fault = await find().catch((error: Error) => error);
    expect(fault).toMatchObject({ code: "CREDENTIALS_UNREADABLE", message: expect.stringContaining(words) });
    expect(inspect(fault)).not.toContain("hunter2");
  },
  5_000,
);

test("who stops the command does not wait for a helper", async () => {
  writeHelper("slow", "sleep 20");
  dockerConfig({ credsStore: "slow" });
  await expect(find({}, AbortSignal.timeout(100))).rejects.toMatchObject({ name: "TimeoutError" });
}, 5_000);

test("a file that the environment names comes first, and what is wrong with it is told without its content", async () => {
  const file = join(folder, "account");
  writeFileSync(file, "carol:secret:1\n");
  expect(await find({ WORKSTATION_REGISTRY_CREDENTIALS: file })).toEqual({
    user: "carol",
    password: "secret:1",
  });
  writeFileSync(file, "hunter2");
  const fault = await find({ WORKSTATION_REGISTRY_CREDENTIALS: file }).catch((error: Error) => error);
  expect(fault).toMatchObject({ code: "CREDENTIALS_UNREADABLE" });
  expect(JSON.stringify(fault)).not.toContain("hunter2");
});
