import { expect, test } from "vitest";
import { describeSkips, enforceSkips, parseResults, summaryLine } from "./results.ts";

const results = parseResults(
  [
    { name: "a", state: "passed", reason: "" },
    { name: "b", state: "skipped", reason: "no GPU here" },
    { name: "c", state: "skipped", reason: "no root" },
  ]
    .map((each) => JSON.stringify(each))
    .join("\n"),
);

test("the closing line counts every state", () => {
  expect(summaryLine(results)).toBe("1 passed, 0 failed, 2 skipped");
});

test("each skip is told with its reason", () => {
  expect(describeSkips(results)).toEqual(["1 × no GPU here", "1 × no root"]);
});

test("a skip that is not on the list is a failure", () => {
  const enforced = enforceSkips(results, "# there is none in continuous integration\nno GPU\n");
  expect(summaryLine(enforced)).toBe("1 passed, 1 failed, 1 skipped");
});

test("a comment or an empty line of the list allows nothing", () => {
  expect(summaryLine(enforceSkips(results, "# no GPU here\n\n"))).toBe("1 passed, 2 failed, 0 skipped");
});
