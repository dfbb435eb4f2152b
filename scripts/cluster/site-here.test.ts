import { readFileSync } from "node:fs";
import { parseSite } from "@workstation/site";
import { expect, test } from "vitest";
import { projectPath } from "../start/context.ts";
import { siteHere } from "./site-here.ts";

test("a flavor takes at most half of the node, and all else is the site's", () => {
  const text = readFileSync(projectPath("site.yaml"), "utf8");
  const committed = parseSite(text, "site.yaml");
  const here = parseSite(siteHere(text, { cores: 6, memoryBytes: 16e9 }), "site.yaml");
  expect(here.flavors.find(({ name }) => name === "no-gpu")).toMatchObject({ cores: 3, memory: 8e9 });
  expect(here.flavors.find(({ name }) => name === "desktop")).toMatchObject({ cores: 1 });
  expect({ ...here, flavors: [] }).toEqual({ ...committed, flavors: [] });
});
