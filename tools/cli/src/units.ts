import { UserError } from "./user-error.ts";

const byteUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

const durationUnits: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400 };

/** Reads a size as written in site.yaml (`32 GB`, `512MiB`); returns bytes. Throws `UNIT_INVALID`. */
export function parseBytes(text: string): number {
  return parseUnit(text, byteUnits, "a size such as 32GB or 512MiB");
}

/** Reads a duration as written in site.yaml or on a command line (`16h`, `90m`, `45s`, `7d`); returns seconds. Throws `UNIT_INVALID`. */
export function parseDuration(text: string): number {
  return parseUnit(text, durationUnits, "a duration such as 16h, 90m, 45s or 7d");
}

/** Bytes for a reader, in powers of ten as the guide counts memory: `32 GB`, `1.5 MB`. */
export function formatBytes(bytes: number): string {
  const unit = (["TB", "GB", "MB", "kB"] as const).find((name) => bytes >= (byteUnits[name] ?? 1));
  if (unit === undefined) return `${bytes} B`;
  const value = bytes / (byteUnits[unit] ?? 1);
  return `${Number(value.toFixed(value < 10 ? 1 : 0))} ${unit}`;
}

/** Seconds as a clock that sorts and aligns: `00:41:07`; days are counted in hours. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/** Seconds for a sentence: `850 ms`, `4.2 s`, `3 min 5 s`, `16 h`, `7 days`. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return joinUnits([Math.floor(whole / 60), "min"], [whole % 60, "s"]);
  if (whole >= 172_800 && whole % 86_400 === 0) return `${whole / 86_400} days`;
  return joinUnits([Math.floor(whole / 3600), "h"], [Math.floor((whole % 3600) / 60), "min"]);
}

function parseUnit(text: string, units: Readonly<Record<string, number>>, expected: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim());
  const factor = match?.[2] === undefined ? undefined : units[match[2]];
  if (match === null || factor === undefined || !Object.hasOwn(units, match[2] ?? "")) {
    throw new UserError("UNIT_INVALID", `"${text}" is not ${expected}`, {
      hint: `units: ${Object.keys(units).join(", ")}`,
    });
  }
  return Math.round(Number(match[1]) * factor);
}

function joinUnits(large: readonly [number, string], small: readonly [number, string]): string {
  return (small[0] === 0 ? large : [...large, ...small]).join(" ");
}
