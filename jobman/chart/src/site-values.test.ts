import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSite } from "@workstation/site";
import { describe, expect, test } from "vitest";
import { siteValues } from "./site-values.ts";

const file = readFileSync(join(import.meta.dirname, "../../../site.yaml"), "utf8");

/** Of the committed site with texts replaced. */
function valuesOf(...changes: readonly (readonly [string, string])[]) {
  const text = changes.reduce((all, [from, to]) => all.replace(from, to), file);
  return siteValues(parseSite(text, "site.yaml"), ["family"], file);
}

describe("what the chart knows of a site", () => {
  test("is the flavors of jobs, and no other", () => {
    const { flavors, defaultFlavor } = valuesOf();
    expect(flavors.map(({ name }) => name)).toEqual(["small-gpu", "medium-gpu", "large-gpu", "no-gpu"]);
    expect([flavors[3]?.timeLimit, defaultFlavor]).toEqual([8 * 3600, "no-gpu"]);
  });

  test("is the family's images, and those that the site names", () => {
    expect(valuesOf(["allowed: [family]", "allowed: [family, 'example.org/tool:1.0']"]).images).toEqual([
      "family",
      "example.org/tool:1.0",
    ]);
    expect(valuesOf(["allowed: [family]", "allowed: ['example.org/tool:1.0']"]).images).toEqual([
      "example.org/tool:1.0",
    ]);
  });

  test("is what jobs may mount: datasets and the datalake only to read, and only for whom they were granted", () => {
    expect(valuesOf().places).toEqual([
      "persistent-home - write",
      "persistent-shared-folder - write",
      "datasets {id} read",
      "datalake - read {id}",
    ]);
    const home = [
      "persistentHome: { claim: persistent-home }",
      "persistentHome: { claim: homes, subPath: '{user}' }",
    ] as const;
    const datalake = ["datalake: { claim: datalake }", "datalake: null"] as const;
    expect(valuesOf(home, datalake).places).toEqual([
      "homes {user} write",
      "persistent-shared-folder - write",
      "datasets {id} read",
    ]);
  });

  test("is whether pods get a user namespace of their own", () => {
    expect(valuesOf().ownUserNamespace).toBe(false);
    expect(valuesOf(["hostUsers: null", "hostUsers: false"]).ownUserNamespace).toBe(true);
  });
});
