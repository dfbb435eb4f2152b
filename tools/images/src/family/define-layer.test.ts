import { expect, test } from "vitest";
import { defineLayer } from "./define-layer.ts";

test("a layer that says only its name adds nothing", () => {
  expect(defineLayer({ name: "a", description: "tiny" })).toEqual({
    name: "a",
    description: "tiny",
    kind: "batch",
    variants: [],
    additions: {},
    apt: { "ubuntu-22.04": [], "debian-12": [] },
    python: false,
    files: [],
    environment: {},
    ports: [],
    assets: [],
    stages: [],
  });
});

test("packages that are named alike in all distributions are one list, others one a distribution", () => {
  const apt = { "ubuntu-22.04": ["firefox"], "debian-12": ["firefox-esr"] };
  expect(defineLayer({ name: "a", description: "", apt: ["vim"] }).apt).toEqual({
    "ubuntu-22.04": ["vim"],
    "debian-12": ["vim"],
  });
  expect(defineLayer({ name: "a", description: "", apt }).apt).toEqual(apt);
});
