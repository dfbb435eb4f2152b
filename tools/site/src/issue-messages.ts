import type { z } from "zod";

/** What would be right, in a person's words, where the schema has no sentence of its own. */
export function sayWhatIsRight(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "invalid_value") return `must be ${issue.values.map(String).join(" or ")}`;
  if (issue.code === "too_small" && issue.origin === "array") return "must name at least one";
  if (issue.code !== "invalid_type") return undefined;
  return nouns[issue.expected];
}

const nouns: Readonly<Record<string, string>> = {
  array: "must be a list, such as [a, b]",
  boolean: "must be true or false",
  object: "must hold keys, each on a line of its own below it",
  record: "must hold keys, each on a line of its own below it",
  string: "must be a text",
};
