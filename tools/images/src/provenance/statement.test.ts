import { expect, test } from "vitest";
import { expandFamily, image } from "../family/image.ts";
import type { PlannedImage } from "../plan/plan.ts";
import { makeLayer } from "../testing/make-layer.ts";
import { recipeWith } from "../testing/make-recipe.ts";
import { writeStatement } from "./statement.ts";

const asset = (name: string) => ({
  name,
  version: "1",
  url: `https://example.org/${name}`,
  sha256: "c".repeat(64),
  to: `/opt/${name}`,
});
const family = expandFamily([image(makeLayer("a", { assets: [asset("viewer"), asset("missing")] }))]);

const planned = {
  image: family[0],
  recipe: recipeWith({ recipe: "r", "images/a/x": "1" }),
  key: "k".repeat(64),
  parent: "base:1",
  parentIdentity: { name: "base image", identity: "b1" },
  platform: "linux/amd64",
} as unknown as PlannedImage;

test("the statement says what was built, by whom, with which key, and from what", () => {
  const statement = JSON.parse(
    writeStatement({
      planned,
      distribution: "debian-12",
      subject: { name: "registry.example.org/batch/debian-a", digest: `sha256:${"d".repeat(64)}` },
      base: "base:1",
      source: { commit: "e".repeat(40), uri: "git+https://example.org/x", clean: true },
      builder: { id: "urn:builder", versions: { node: "26" }, invocation: undefined },
      missingAssets: ["missing-1"],
      created: "2026-11-30T12:00:00.000Z",
    }).toString(),
  );
  expect(statement).toMatchObject({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "registry.example.org/batch/debian-a", digest: { sha256: "d".repeat(64) } }],
    predicateType: "https://slsa.dev/provenance/v1",
  });
  const { buildDefinition, runDetails } = statement.predicate;
  expect(runDetails.builder.id).toBe("urn:builder");
  expect(buildDefinition.internalParameters).toEqual({
    key: "k".repeat(64),
    recipeInputs: { recipe: "r", "images/a/x": "1" },
  });
  expect(buildDefinition.resolvedDependencies.map((each: { name: string }) => each.name)).toEqual([
    "base",
    "source",
    "viewer",
  ]);
});
