import fc from "fast-check";
import { expect, test } from "vitest";
import { isImageReference, parseImageReference, printImageReference, tagOf } from "./image-reference.ts";

const digest = `sha256:${"0a".repeat(32)}`;

test.each([
  ["ubuntu-python", { name: "ubuntu-python" }],
  ["mysite/ubuntu-python:latest-cuda", { name: "mysite/ubuntu-python", tag: "latest-cuda" }],
  ["localhost:5000/tool", { name: "localhost:5000/tool" }],
  ["localhost:5000/a/tool:1.0", { name: "localhost:5000/a/tool", tag: "1.0" }],
  [`debian@${digest}`, { name: "debian", digest }],
  [`debian:12-slim@${digest}`, { name: "debian", tag: "12-slim", digest }],
])("%s is taken apart", (text, parts) => {
  expect(isImageReference(text)).toBe(true);
  expect(parseImageReference(text)).toEqual(parts);
});

test("what was taken apart is put together as it was, whatever it is", () => {
  fc.assert(fc.property(fc.string(), (text) => printImageReference(parseImageReference(text)) === text));
});

test("a name alone means its tag latest", () => {
  expect(["tool", "host:5000/tool", "tool:1.0"].map(tagOf)).toEqual(["latest", "latest", "1.0"]);
});

test.each(["Tool", "tool:", "tool::1", "-tool", "a b", "tool:1.0/x", `tool@sha256:${"0".repeat(63)}`, ""])(
  "%j names no image",
  (text) => expect(isImageReference(text)).toBe(false),
);
