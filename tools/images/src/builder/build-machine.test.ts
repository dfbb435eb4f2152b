import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readBuildMachine } from "./build-machine.ts";

const folder = mkdtempSync(join(tmpdir(), "workstation-machine-"));
const bundle = join(folder, "ca.crt");
writeFileSync(bundle, "authority");
afterAll(() => rmSync(folder, { recursive: true }));

test("a plain machine adds nothing to a build", () => {
  expect(readBuildMachine({})).toEqual({});
});

test("authorities come from where programs are told of them, the index from pip's or uv's variables", () => {
  const machine = readBuildMachine({
    SSL_CERT_FILE: bundle,
    PIP_INDEX_URL: "https://index.example.org/simple",
  });
  expect([machine.authorities?.toString(), machine.indexUrl]).toEqual([
    "authority",
    "https://index.example.org/simple",
  ]);
});

test("an index on the command line wins", () => {
  expect(
    readBuildMachine({ UV_DEFAULT_INDEX: "https://a.example.org" }, "https://b.example.org").indexUrl,
  ).toBe("https://b.example.org");
});

test("a bundle that is named but not there is refused by name", () => {
  expect(() => readBuildMachine({ SSL_CERT_FILE: join(folder, "gone") })).toThrow(
    `SSL_CERT_FILE names ${join(folder, "gone")}, which cannot be read`,
  );
});
