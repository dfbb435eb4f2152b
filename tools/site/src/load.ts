import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { UserError } from "@workstation/cli";
import { isMap, isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { sayWhatIsRight } from "./issue-messages.ts";
import { type Site, siteSchema } from "./schema.ts";

/** Reads and checks a site file. Throws `SITE_UNREADABLE` or `SITE_INVALID`, which names line, value and what would be right. */
export function loadSite(file: string): Site {
  return parseSite(readSiteFile(file), file);
}

/** Checks the text of a site file; `file` is what messages call it. The result is deeply frozen. */
export function parseSite(text: string, file: string): Site {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, logLevel: "error" });
  const [syntaxError] = [...document.errors, ...document.warnings];
  if (syntaxError !== undefined) {
    throw invalid(file, [
      `${file}:${lines.linePos(syntaxError.pos[0]).line}: ${syntaxError.message.split("\n")[0]}`,
    ]);
  }
  const value = plainValue(document, file);
  if (!isMap(document.contents)) throw invalid(file, [`${file}:1: ${withoutKeys(value)}`]);
  const parsed = siteSchema.safeParse(value, { error: sayWhatIsRight });
  if (!parsed.success) {
    const where = (path: readonly PropertyKey[]): number => lineOf(document, lines, path);
    throw invalid(
      file,
      parsed.error.issues.flatMap((issue) => describeIssue(issue, { file, where, document })),
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

function withoutKeys(value: unknown): string {
  const what =
    value === null || value === undefined
      ? "the file is empty"
      : "must hold keys, such as user: and flavors:";
  return `${what}; the project's own site.yaml shows what belongs into it`;
}

function readSiteFile(file: string): string {
  const bytes = readBytes(file);
  if (isUtf8(bytes)) return bytes.toString("utf8");
  throw new UserError("SITE_INVALID", `${file}:${describeBadByte(bytes)}, which is not UTF-8`, {
    hint: `save ${file} as UTF-8; nothing was changed`,
  });
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UserError("SITE_UNREADABLE", `cannot read the site file ${file}: ${(error as Error).message}`, {
      hint: "run the command in the project's folder, or name the file with --site",
      cause: error,
    });
  }
}

/** The first byte that does not survive being decoded. */
function describeBadByte(bytes: Buffer): string {
  const decoded = Buffer.from(bytes.toString("utf8"));
  const place = bytes.findIndex((byte, index) => byte !== decoded[index]);
  const before = bytes.subarray(0, place).toString("utf8").split("\n");
  const value = bytes[place]?.toString(16).toUpperCase().padStart(2, "0");
  const column = place - bytes.lastIndexOf("\n", place);
  return `${before.length}: byte ${column} of the line is 0x${value}`;
}

function invalid(file: string, problems: readonly string[]): UserError {
  const [first, ...rest] = new Set(problems);
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
): readonly string[] {
  if (issue.code === "unrecognized_keys") {
    const places = issue.keys.map((key) => [...issue.path, key]);
    return places.map(
      (place) =>
        `${context.file}:${context.where(place)}: unknown key ${dotted(place)}; keys are listed in docs/operate/site.md`,
    );
  }
  const value = context.document.getIn(issue.path.map(String).map(asIndex));
  return [
    `${context.file}:${context.where(issue.path)}: ${dotted(issue.path)} is ${shown(value)}: ${issue.message}`,
  ];
}

const longestShown = 200;

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  const plain = isNode(value) ? value.toJSON() : value;
  const text =
    typeof plain === "number" ? String(plain) : JSON.stringify(plain).replace(credentials, "$1[redacted]@");
  return text.length > longestShown ? `${text.slice(0, longestShown)} …` : text;
}

const credentials = /([a-z]:\/\/)[^/"\s]*@/gi;

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
