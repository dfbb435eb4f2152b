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

const find = (more: Readonly<Record<string, string>> = {}) =>
  findCredentials(host, { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env.PATH}`, ...more });

test("without any, the registry is asked as nobody", async () => {
  expect(await findCredentials(host, { HOME: join(folder, "nobody") })).toBeUndefined();
});

test("what docker login wrote is used, for this registry only", async () => {
  const auth = Buffer.from("alice:a:b").toString("base64");
  dockerConfig({ auths: { [host]: { auth }, "other.example.org": { auth: "x" } } });
  expect(await find()).toEqual({ user: "alice", password: "a:b" });
});

test("a credential helper is asked, and wins over what lies in the file", async () => {
  const helper = join(folder, "docker-credential-vault");
  const script = `#!/bin/sh\nread -r host\n[ "$host" = "${host}" ] && printf '%s' '{"Username":"bob","Secret":"s"}'\n`;
  writeFileSync(helper, script);
  chmodSync(helper, 0o755);
  dockerConfig({ credHelpers: { [host]: "vault" }, auths: { [host]: { auth: "eDp5" } } });
  expect(await find()).toEqual({ user: "bob", password: "s" });
});

test.each(["hunter2", '{"Username":"bob","Secret":"hunter2"', '{"Username":"bob","Secret":["hunter2"]}'])(
  "a helper's answer that is no login is told without its words: %s",
  async (answer) => {
    writeFileSync(join(folder, "docker-credential-broken"), `#!/bin/sh\nprintf '%s' '${answer}'\n`);
    chmodSync(join(folder, "docker-credential-broken"), 0o755);
    dockerConfig({ credsStore: "broken" });
    const fault = await find().catch((error: Error) => error);
    expect(fault).toMatchObject({ code: "CREDENTIALS_UNREADABLE" });
    expect(inspect(fault)).toContain("docker-credential-broken");
    expect(inspect(fault)).not.toContain("hunter2");
  },
);

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
