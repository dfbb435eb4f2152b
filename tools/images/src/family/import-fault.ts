import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "@workstation/cli";

/**
 * What is wrong with the project's own table or one of its layers, with file and line, when importing `file` failed.
 * An error that points at no file of the project is not the project's, and is given back as it is.
 */
export function explainImportFault(error: unknown, root: string, file: string): unknown {
  if (!(error instanceof Error)) return error;
  const where = importer(error) ?? throwingLine(error, root);
  if (where === undefined || !where.file.startsWith(`${root}/`)) return error;
  const place = `${where.file.slice(root.length + 1)}:${where.line}`;
  const [message = ""] = error.message.replaceAll(`${root}/`, "").split(" imported from ");
  return new UserError("FAMILY_INVALID", `${place}: ${message.split("\n")[0]}`, {
    hint: `correct it; ${file} takes each layer from ./<layer>/layer.ts and lists images as image(<layer>, …)`,
    cause: error,
  });
}

interface Place {
  readonly file: string;
  readonly line: number;
}

/** Node names the file in whose imports something is missing, not the line. */
function importer(error: Error): Place | undefined {
  const match = /^Cannot find (?:module|package) '([^']+)' imported from (.+)$/.exec(error.message);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const wanted = match[1].split("/").slice(-2).join("/");
  const lines = readFileSync(match[2], "utf8").split("\n");
  return { file: match[2], line: lines.findIndex((line) => line.includes(wanted)) + 1 };
}

/** The first line of the stack, or of the report of a syntax error, that is the project's and not the tool's. */
function throwingLine(error: Error, root: string): Place | undefined {
  const tool = fileURLToPath(new URL("../../../..", import.meta.url)).concat("tools/");
  for (const [, url = "", line = ""] of (error.stack ?? "").matchAll(/(file:\/\/[^\s:)]+):(\d+)/g)) {
    const file = fileURLToPath(url);
    if (file.startsWith(join(root, "/")) && !file.startsWith(tool) && !file.includes("/node_modules/")) {
      return { file, line: Number(line) };
    }
  }
  return undefined;
}
