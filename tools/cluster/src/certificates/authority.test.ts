import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOnPath } from "@workstation/programs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Authority, createAuthority } from "./authority.ts";

describe.skipIf(!isOnPath("openssl"))("the authority of a throw-away cluster (needs openssl)", () => {
  const folder = mkdtempSync(join(tmpdir(), "workstation-authority-"));
  let authority: Authority;

  beforeAll(async () => {
    authority = await createAuthority(join(folder, "certificates"));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const read = async (file: string, subject: Parameters<Authority["issue"]>[1]) => {
    const { certificateFile } = await authority.issue(file, subject);
    return new X509Certificate(readFileSync(certificateFile));
  };

  test("signs for a user and the groups, whatever their names are made of", async () => {
    const name = "https://issuer.example/#anna+b=c\\d";
    const certificate = await read("user", { name, groups: ["group:a", "b/c"] });
    expect(certificate.checkIssued(new X509Certificate(authority.certificate))).toBe(true);
    expect(certificate.toLegacyObject().subject).toMatchObject({ CN: name, O: ["group:a", "b/c"] });
  });

  test("lets only those serve who have an address", async () => {
    const serverUse = "1.3.6.1.5.5.7.3.1";
    expect((await read("client", { name: "anna" })).keyUsage).not.toContain(serverUse);
    const server = await read("server", { name: "server", hosts: ["localhost", "127.0.0.1"] });
    expect(server.keyUsage).toContain(serverUse);
    expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(server.checkHost("localhost")).toBe("localhost");
  });

  test("keeps its keys from other accounts", () => {
    expect(statSync(join(folder, "certificates")).mode & 0o077).toBe(0);
  });
});
