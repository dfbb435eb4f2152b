import { readFileSync } from "node:fs";
import { UserError } from "@workstation/cli";
import { isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { type Site, siteSchema } from "./schema.ts";

/** Reads and checks a site file. Throws `SITE_UNREADABLE` or `SITE_INVALID`, which names line, value and what would be right. */
export function loadSite(file: string): Site {
  return parseSite(readSiteFile(file), file);
}

/** Checks the text of a site file; `file` is what messages call it. The result is deeply frozen. */
export function parseSite(text: string, file: string): Site {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) {
    throw invalid(file, [
      `${file}:${lines.linePos(syntaxError.pos[0]).line}: ${syntaxError.message.split("\n")[0]}`,
    ]);
  }
  const parsed = siteSchema.safeParse(plainValue(document, file) ?? {});
  if (!parsed.success) {
    const where = (path: readonly PropertyKey[]): number => lineOf(document, lines, path);
    throw invalid(
      file,
      parsed.error.issues.map((issue) => describeIssue(issue, { file, where, document })),
    );
  }
  return deepFreeze(parsed.data) as Site;
}

/** YAML aliases may name nothing, or grow without end; both are faults of the file. */
function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw invalid(file, [`${file}:1: ${error.message}`]);
  }
}

function readSiteFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError("SITE_UNREADABLE", `cannot read the site file ${file}: ${(error as Error).message}`, {
      hint: "run the command in the project's folder, or name the file with --site",
      cause: error,
    });
  }
}

function invalid(file: string, problems: readonly string[]): UserError {
  const [first, ...rest] = problems;
  const others = rest.length === 0 ? "" : `\n${rest.map((line) => `  ${line}`).join("\n")}`;
  return new UserError("SITE_INVALID", `${first ?? file}${others}`, {
    hint: `correct ${file}; nothing was changed`,
  });
}

type Document = ReturnType<typeof parseDocument>;

function describeIssue(
  issue: z.core.$ZodIssue,
  context: {
    readonly file: string;
    readonly where: (path: readonly PropertyKey[]) => number;
    readonly document: Document;
  },
): string {
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const place = [...issue.path, key];
    return `${context.file}:${context.where(place)}: unknown key ${dotted(place)}; keys are listed in docs/operate/site.md`;
  }
  const value = context.document.getIn(issue.path.map(String).map(asIndex));
  const shown = value === undefined ? "nothing" : JSON.stringify(isNode(value) ? value.toJSON() : value);
  return `${context.file}:${context.where(issue.path)}: ${dotted(issue.path)} is ${shown}: ${issue.message}`;
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length).map(String).map(asIndex), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function asIndex(key: string): string | number {
  return /^\d+$/.test(key) ? Number(key) : key;
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join(".");
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
