import { formatBytes } from "@workstation/cli";
import type { Distribution } from "@workstation/site";
import type { AgreedSize, SizeTable } from "./size-table.ts";

/** One image as it is now. */
export interface WeighedImage extends AgreedSize {
  /** `ubuntu-python (cuda)` */
  readonly id: string;
  /** The layer of the family that it adds to its parent. */
  readonly layer: string;
  /** What it stands on; the same packages weigh otherwise on another. */
  readonly distribution: Distribution;
  /** What its layers say it may weigh at most. */
  readonly limit: number | undefined;
}

/** `skipped`: it is within its limit, and there is no agreed size that it could have outgrown. */
export interface SizeVerdict {
  readonly state: "passed" | "failed" | "skipped";
  /** Why it weighs too much, by its layer and step, or why that is not known. */
  readonly reasons: readonly string[];
}

/** Growth that nobody has to agree to: both at most this. */
const share = 0.05;
const bytes = 50e6;
/** A small step may grow by this, whatever its share. */
const unnoticed = 1e6;

/** Whether an image weighs too much: more than its limit, or than what was agreed to for it on its distribution. */
export function judgeSize(image: WeighedImage, table: SizeTable): SizeVerdict {
  const agreed = table[image.distribution]?.[image.id];
  const faults = [...overLimit(image), ...(agreed === undefined ? [] : growthSince(agreed, image))];
  if (faults.length > 0) return { state: "failed", reasons: faults };
  if (agreed !== undefined) return { state: "passed", reasons: [] };
  const known = table[image.distribution] !== undefined;
  const of = known ? `of ${image.id} on ${image.distribution}` : `on ${image.distribution}`;
  const reason = `no size ${of} was agreed to: npm run images -- size --write`;
  return { state: "skipped", reasons: [reason] };
}

function overLimit({ id, gzip, limit }: WeighedImage): readonly string[] {
  if (limit === undefined || gzip <= limit) return [];
  return [`${id} weighs ${formatBytes(gzip)}; it may weigh ${formatBytes(limit)}`];
}

function growthSince(agreed: AgreedSize, image: WeighedImage): readonly string[] {
  const steps = image.own.flatMap((step) => {
    const before = agreed.own.find(({ made }) => made === step.made)?.gzip ?? 0;
    const guilty = step.gzip - before > unnoticed && isTooMuch(before, step.gzip);
    return guilty ? [growth(`layer ${image.layer} of ${image.id}, ${step.made}`, before, step.gzip)] : [];
  });
  return [
    ...(isTooMuch(agreed.gzip, image.gzip) ? [growth(image.id, agreed.gzip, image.gzip)] : []),
    ...steps,
  ];
}

function isTooMuch(before: number, now: number): boolean {
  return now - before > Math.min(bytes, before * share);
}

function growth(what: string, before: number, now: number): string {
  return `${what}: ${formatBytes(before)} → ${formatBytes(now)}`;
}
