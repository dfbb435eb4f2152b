import type { Foundation } from "./key.ts";

/** What is remembered of an image's making, in its label. */
export interface Making {
  readonly inputs: Readonly<Record<string, string>>;
  readonly foundation: string;
  readonly platform: string;
}

/** Why an image that was made as `before` must be made anew: which file, which parent. Empty: no reason is known. */
export function reasonsToBuild(
  before: Making,
  now: { readonly inputs: Making["inputs"]; readonly foundation: Foundation; readonly platform: string },
): readonly string[] {
  const names = [...new Set([...Object.keys(before.inputs), ...Object.keys(now.inputs)])].toSorted();
  const changed = names.flatMap((name) => describeChange(name, before.inputs[name], now.inputs[name]));
  return [
    ...(before.foundation === now.foundation.identity ? [] : [`${now.foundation.name} changed`]),
    ...(before.platform === now.platform
      ? []
      : [`platform changed from ${before.platform} to ${now.platform}`]),
    ...changed,
  ];
}

/** Reads the label; undefined when there is none that can be read. */
export function readMaking(label: string | undefined): Making | undefined {
  try {
    const making = JSON.parse(label ?? "null") as Making | null;
    return making !== null && typeof making.inputs === "object" ? making : undefined;
  } catch {
    return undefined;
  }
}

function describeChange(name: string, before?: string, now?: string): readonly string[] {
  if (before === now) return [];
  if (name === "recipe") return ["the generated recipe changed"];
  if (before === undefined) return [`${name} is new`];
  return [now === undefined ? `${name} is gone` : `${name} changed`];
}
