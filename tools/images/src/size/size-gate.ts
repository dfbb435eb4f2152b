import { formatBytes } from "@workstation/cli";
import type { SizeTable } from "./size-table.ts";

/** One image as it is now. */
export interface WeighedImage {
  /** `ubuntu-python (cuda)` */
  readonly id: string;
  /** The layer of the family that it adds to its parent. */
  readonly layer: string;
  readonly gzip: number;
  readonly own: SizeTable["images"][string]["own"];
  /** What its layer says it may weigh at most. */
  readonly limit: number | undefined;
}

/** Growth that nobody has to agree to: both at most this. */
const share = 0.05;
const bytes = 50e6;
/** A small step may grow by this, whatever its share. */
const unnoticed = 1e6;

/** Why an image weighs too much, by its layer and step; empty: it does not. One that is not in the table has only its limit. */
export function sizeFaults(image: WeighedImage, table: SizeTable | undefined): readonly string[] {
  const over =
    image.limit === undefined || image.gzip <= image.limit
      ? []
      : [`${image.id} weighs ${formatBytes(image.gzip)}; it may weigh ${formatBytes(image.limit)}`];
  const agreed = table?.images[image.id];
  if (agreed === undefined) return over;
  const grown = [
    ...(isTooMuch(agreed.gzip, image.gzip) ? [growth(image.id, agreed.gzip, image.gzip)] : []),
    ...image.own.flatMap((step) => {
      const before = agreed.own.find(({ made }) => made === step.made)?.gzip ?? 0;
      const guilty = step.gzip - before > unnoticed && isTooMuch(before, step.gzip);
      return guilty ? [growth(`layer ${image.layer} of ${image.id}, ${step.made}`, before, step.gzip)] : [];
    }),
  ];
  return [...over, ...grown];
}

function isTooMuch(before: number, now: number): boolean {
  return now - before > Math.min(bytes, before * share);
}

function growth(what: string, before: number, now: number): string {
  return `${what}: ${formatBytes(before)} → ${formatBytes(now)}`;
}
