import { readFileSync } from "node:fs";
import { jobReasons } from "@workstation/jobman/protocol";
import { expect, test } from "vitest";

test("the guide explains every reason, and no other", () => {
  const guide = readFileSync(new URL("../../../../docs/guide/queue-rules.md", import.meta.url), "utf8");
  const explained = [...guide.matchAll(/^\| `([A-Za-z]+)` \|/gm)].map(([, reason]) => reason);
  expect(explained.sort()).toEqual([...jobReasons].sort());
});
