import { expect, test } from "vitest";
import { heldContent, plannedContent } from "./content.ts";

test("what is to be made again is planned as another content, and cannot get into an image", () => {
  const planned = plannedContent("/opt/x", "sources 1");
  const hashes = [
    planned,
    plannedContent("/opt/x", "sources 2"),
    heldContent(Buffer.from("sources 1")),
    heldContent(Buffer.from("")),
  ].map((content) => content.hashAfter("x\0"));
  expect(new Set(hashes).size).toBe(4);
  expect(() => planned.read()).toThrow("/opt/x is older than what it is made of");
});
