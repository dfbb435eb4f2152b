import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseSite } from "./load.ts";

const text = readFileSync(join(import.meta.dirname, "../../../site.yaml"), "utf8");

/** The committed site with other facts about its cluster. */
function withCluster(lines: string): string {
  return `${text.slice(0, text.indexOf("kubernetes:"))}kubernetes:\n  namespacePrefix: user-\n  jobTemplate: {}\n${lines}`;
}

test("a site that says nothing of its cluster has what the committed one has", () => {
  expect(parseSite(withCluster(""), "site.yaml").kubernetes).toEqual(parseSite(text, "site.yaml").kubernetes);
});

test("a flavor takes extended resources on nodes that are named", () => {
  const { flavors } = parseSite(
    withCluster(
      "  flavors: { small-gpu: { resources: { nvidia.com/mig-1g.6gb: 1 }, nodeSelector: { gpu: a30 } } }\n",
    ),
    "site.yaml",
  ).kubernetes;
  expect(flavors["small-gpu"]).toEqual({
    resources: { "nvidia.com/mig-1g.6gb": 1 },
    nodeSelector: { gpu: "a30" },
  });
});

test.each([
  ["  sharedNamespace: Jobs\n", "must be a namespace, such as workstation-jobs"],
  ["  volumes: { datasets: { claim: all, subPath: '../{id}' } }\n", "without .. and no slash at its ends"],
  ["  volumes: { datalake: { claim: 'a b' } }\n", "must be the name of a persistent volume claim"],
  ["  flavors: { tiny: {} }\n", "must be one of flavors: small-gpu, medium-gpu"],
  ["  flavors: { no-gpu: { resources: { cpu: 1 } } }\n", "nvidia.com/mig-1g.6gb"],
  ["  startTimeout: 1s\n", "startTimeout"],
  ["  hostUsers: true\n", "must be false, or null to leave it to the cluster"],
  ["  oidc: { issuer: ldap://x, audience: jobman }\n", "must be an http or https URL"],
  ["  jobTemplates: {}\n", "jobTemplates"],
])("%j is refused with what would be right", (lines, said) => {
  expect(() => parseSite(withCluster(lines), "site.yaml")).toThrow(
    expect.objectContaining({ code: "SITE_INVALID", message: expect.stringContaining(said) }),
  );
});
