import type { Capacity } from "./capacity.ts";
import type { Platform } from "./platform.ts";

/** What a platform can give, as it was told last. */
export interface FollowedCapacity {
  now(): Capacity;
  /** Resolves when nothing more is told. */
  readonly ended: Promise<void>;
}

/** Follows what a platform can give; resolves with its first answer, and throws what that throws. */
export async function followCapacity(
  platform: Pick<Platform, "capacity">,
  options: {
    readonly signal: AbortSignal;
    readonly onChange: () => void;
    readonly onFault: (error: unknown) => void;
  },
): Promise<FollowedCapacity> {
  const told = platform.capacity(options.signal)[Symbol.asyncIterator]();
  const first = await told.next();
  if (first.done === true) throw new Error("the platform does not say what it can give");
  let last = first.value;
  const follow = async (): Promise<void> => {
    for (let next = await told.next(); next.done !== true; next = await told.next()) {
      last = next.value;
      options.onChange();
    }
  };
  return { now: () => last, ended: follow().catch(options.onFault) };
}
