import type { ParentIdentity } from "./key.ts";

/** What is remembered of an image's build, in its label. */
export interface BuildRecord {
  readonly inputs: Readonly<Record<string, string>>;
  readonly parentIdentity: string;
  readonly platform: string;
}

/** Why an image that was made as `before` must be made anew: which file, which parent. Empty: no reason is known. */
export function reasonsToBuild(
  before: BuildRecord,
  now: {
    readonly inputs: BuildRecord["inputs"];
    readonly parentIdentity: ParentIdentity;
    readonly platform: string;
  },
): readonly string[] {
  const names = [...new Set([...Object.keys(before.inputs), ...Object.keys(now.inputs)])].toSorted();
  const changed = names.flatMap((name) => describeChange(name, before.inputs[name], now.inputs[name]));
  return [
    ...(before.parentIdentity === now.parentIdentity.identity ? [] : [`${now.parentIdentity.name} changed`]),
    ...(before.platform === now.platform
      ? []
      : [`platform changed from ${before.platform} to ${now.platform}`]),
    ...changed,
  ];
}

/** Reads the label; undefined when there is none that can be read. */
export function readBuildRecord(label: string | undefined): BuildRecord | undefined {
  try {
    const record = JSON.parse(label ?? "null") as BuildRecord | null;
    return record !== null && typeof record.inputs === "object" ? record : undefined;
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
