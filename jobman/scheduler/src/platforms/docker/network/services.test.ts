import { loadSite } from "@workstation/site";
import { expect, test } from "vitest";
import type { Problem } from "../../../diagnostics/problems.ts";
import { resolveServices } from "./services.ts";

const site = loadSite(new URL("../../../../../../site.yaml", import.meta.url).pathname);

test("a service whose name has no address is left out, and is a problem for the operator and a word to users", async () => {
  const heard: [string, readonly Problem[]][] = [];
  // A name that never has an address (RFC 6761).
  const services = [
    { host: "10.0.0.5", port: 3141 },
    { host: "mirror.invalid", port: 3141 },
  ];
  const context = {
    site: { ...site, network: { ...site.network, services } },
    onProblems: (where: string, problems: readonly Problem[]) => void heard.push([where, problems]),
  };
  expect(await resolveServices(context)).toEqual([{ host: "10.0.0.5", port: 3141, address: "10.0.0.5" }]);
  expect(heard).toEqual([
    ["services", [expect.objectContaining({ message: expect.stringContaining("mirror.invalid:3141") })]],
  ]);
  expect(heard[0]?.[1][0]?.forUsers).toContain("ask the operator");
});
