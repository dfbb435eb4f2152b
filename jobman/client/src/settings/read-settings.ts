import { readFileSync } from "node:fs";
import { UserError } from "@workstation/cli";
import type { Settings } from "../context.ts";

/** What a settings file says that means something today, and the names of the rest. */
export interface ReadSettings {
  readonly settings: Settings;
  readonly ignored: readonly string[];
}

/**
 * Reads a settings file of the tool this one replaces. Its default image and default flavor are honoured; clusters,
 * registries, mounts and flavor definitions are the site's affair now. Throws `SETTINGS_UNREADABLE`, `SETTINGS_INVALID`.
 */
export function readSettings(path: string): ReadSettings {
  const content = parseSettings(path, readText(path));
  const entries = leaves(content, "").filter(([, value]) => isFilled(value));
  const image = entries.find(([name]) => name === "job.defaultImage")?.[1];
  const flavor = entries.find(([name]) => name === "job.resources.default")?.[1];
  return {
    settings: {
      ...(typeof image === "string" ? { defaultImage: image } : {}),
      ...(typeof flavor === "string" ? { defaultFlavor: flavor } : {}),
    },
    ignored: entries.map(([name]) => name).filter((name) => !honoured.includes(name)),
  };
}

const honoured: readonly string[] = ["job.defaultImage", "job.resources.default"];

/** The template that came with that tool holds `default` and texts in angle brackets where nothing was chosen. */
function isFilled(value: unknown): boolean {
  if (value === null || value === "" || value === "default" || value === "none") return false;
  return !(typeof value === "string" && /^<.*>$/s.test(value));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError("SETTINGS_UNREADABLE", `the settings file "${path}" cannot be read: ${reason}`, {
      cause: error,
    });
  }
}

function parseSettings(path: string, text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError("SETTINGS_INVALID", `the settings file "${path}" is no JSON: ${reason}`, {
      cause: error,
    });
  }
  throw new UserError("SETTINGS_INVALID", `the settings file "${path}" holds no JSON object`);
}

function leaves(value: object, prefix: string): readonly (readonly [string, unknown])[] {
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) => {
    const name = `${prefix}${key}`;
    if (typeof item !== "object" || item === null || Array.isArray(item)) return [[name, item] as const];
    return leaves(item, `${name}.`);
  });
}
