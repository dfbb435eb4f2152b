import type { Gpu, SlotResources } from "./engine.ts";

/** What a platform can give now, flavor by flavor, in the site's order. */
export type Capacity = readonly OfferedFlavor[];

/** A job flavor here: what the site promises beside what one slot really gives. */
export interface OfferedFlavor {
  readonly name: string;
  readonly slots: number;
  readonly usableSlots: number;
  readonly timeLimitSeconds: number;
  readonly promised: { readonly cores: number; readonly memoryBytes: number };
  readonly resources: SlotResources;
  readonly gpu?: Gpu;
  /** Why it has fewer slots than the site promises. */
  readonly missing?: string;
  /** Why a slot gives less, or fewer slots are usable, than the site promises. */
  readonly note?: string;
}
