import { expect, test } from "vitest";
import { buildKey, contentTag } from "./key.ts";

const inputs = { recipe: "r1", "images/a/x": "x1" };
const parentIdentity = { name: "base image", identity: "b1" };
const key = buildKey(inputs, parentIdentity, "linux/amd64");

test("the same inputs give the same key, whatever their order", () => {
  expect(buildKey({ "images/a/x": "x1", recipe: "r1" }, parentIdentity, "linux/amd64")).toBe(key);
});

test.each([
  ["the recipe", { ...inputs, recipe: "r2" }, parentIdentity, "linux/amd64"],
  ["a file", { ...inputs, "images/a/x": "x2" }, parentIdentity, "linux/amd64"],
  ["a file's name", { recipe: "r1", "images/a/y": "x1" }, parentIdentity, "linux/amd64"],
  ["a new file", { ...inputs, "images/a/z": "z1" }, parentIdentity, "linux/amd64"],
  ["what it stands on", inputs, { ...parentIdentity, identity: "b2" }, "linux/amd64"],
  ["the platform", inputs, parentIdentity, "linux/arm64"],
] as const)("%s changes the key", (_, changedInputs, changedParent, platform) => {
  expect(buildKey(changedInputs, changedParent, platform)).not.toBe(key);
});

test("the content tag is a tag that registries take", () => {
  expect(contentTag(key)).toMatch(/^key-[0-9a-f]{12}$/);
});
