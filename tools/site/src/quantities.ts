import { formatBytes, formatDuration, parseBytes, parseDuration } from "@workstation/cli";
import { z } from "zod";

/** Bounds, both allowed, and a value as a person writes it. */
interface Bounds<T> {
  readonly min: T;
  readonly max: T;
  readonly example: T;
}

/** A size in a person's unit; the result is in bytes. */
export function size(bounds: Bounds<string>) {
  return withUnit({ what: "a size", parse: parseBytes, format: formatBytes, ...bounds });
}

/** A duration in a person's unit; the result is in seconds. */
export function duration(bounds: Bounds<string>) {
  return withUnit({ what: "a duration", parse: parseDuration, format: formatDuration, ...bounds });
}

/** A whole number; `example` is shown where there is none. */
export function wholeNumber({ min, max, example }: Bounds<number>) {
  const error = `must be a whole number from ${min} to ${max}, such as ${example}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

interface Unit extends Bounds<string> {
  readonly what: string;
  readonly parse: (text: string) => number;
  readonly format: (value: number) => string;
}

function withUnit(unit: Unit) {
  return z
    .string({
      error: (issue) => (typeof issue.input === "number" ? `write a unit: ${unit.example}` : wanted(unit)),
    })
    .transform((text, context): number => {
      const message = faultOf(text, unit);
      if (message === undefined) return unit.parse(text);
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    });
}

function faultOf(text: string, unit: Unit): string | undefined {
  const value = parsed(text, unit);
  if (value === undefined) return wanted(unit);
  if (value < unit.parse(unit.min)) return `must be at least ${unit.format(unit.parse(unit.min))}`;
  if (value > unit.parse(unit.max)) return `must be at most ${unit.format(unit.parse(unit.max))}`;
  return undefined;
}

function parsed(text: string, unit: Unit): number | undefined {
  try {
    return unit.parse(text);
  } catch {
    return undefined; // the parser has one error, and the sentence about it is made here
  }
}

function wanted({ what, example }: Unit): string {
  return `write ${what} with its unit, such as ${example}`;
}
