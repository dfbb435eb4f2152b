import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clusterSite } from "../../testing/cluster-site.ts";
import { desktopSettings } from "./desktop-settings.ts";

const site = clusterSite();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "authority-"));
  for (const [name, isAuthority] of [
    ["ca", "TRUE"],
    ["leaf", "FALSE"],
  ])
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
        ...["-subj", "/CN=test", "-addext", `basicConstraints=critical,CA:${isAuthority}`],
        ...["-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.crt`)],
      ],
      { stdio: "ignore" },
    );
  writeFileSync(join(folder, "words"), "no certificate\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

test("nothing is said of the way where the operator says nothing: what is there stays", () => {
  expect(desktopSettings(site, "anna", {})).toEqual([]);
});

test("the way is the chart's Service, and who certifies it", () => {
  const [settings] = desktopSettings(site, "anna", { caFile: join(folder, "ca.crt") });
  expect(settings).toMatchObject({
    kind: "ConfigMap",
    metadata: { name: "jobman", namespace: "user-anna" },
    data: {
      url: "https://scheduler.workstation.svc",
      "ca.crt": expect.stringContaining("BEGIN CERTIFICATE"),
    },
  });
});

test("an address of its own needs no authority", () => {
  const [settings] = desktopSettings(site, "anna", { url: "https://jobman.example.org:8443" });
  expect(settings?.data).toEqual({ url: "https://jobman.example.org:8443" });
});

test.each([
  [{ url: "http://plain.example.org" }, "is no https address"],
  [{ url: "jobman" }, "is no https address"],
  [{ caFile: "words" }, "holds no certificate"],
  [{ caFile: "none" }, "holds no certificate"],
  [{ caFile: "leaf.crt" }, "the certificate of no authority"],
])("%j is refused", (way, words) => {
  const whole = "caFile" in way ? { caFile: join(folder, way.caFile) } : way;
  expect(() => desktopSettings(site, "anna", whole)).toThrow(words);
});
