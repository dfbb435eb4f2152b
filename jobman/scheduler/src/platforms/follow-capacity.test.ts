import { expect, test } from "vitest";
import type { Capacity } from "./capacity.ts";
import { followCapacity } from "./follow-capacity.ts";

const offering = (usableSlots: number): Capacity => [
  {
    name: "small",
    slots: 4,
    usableSlots,
    timeLimitSeconds: 60,
    promised: { cores: 1, memoryBytes: 1e9 },
    resources: { cores: 1, memoryBytes: 1e9 },
  },
];

test("what a platform can give follows what it tells, and each change is heard", async () => {
  const slots: number[] = [];
  const told = await followCapacity(
    {
      async *capacity() {
        yield offering(4);
        yield offering(1);
        yield offering(3);
      },
    },
    {
      signal: new AbortController().signal,
      onChange: () => void slots.push(told.now()[0]?.usableSlots ?? 0),
      onFault: () => undefined,
    },
  );
  expect(told.now()).toEqual(offering(4));
  await told.ended;
  expect(slots).toEqual([1, 3]);
});

test("a platform that fails later keeps what it told; one that fails at first is refused", async () => {
  const faults: unknown[] = [];
  const fault = new Error("no answer");
  const options = {
    signal: new AbortController().signal,
    onChange: () => undefined,
    onFault: (error: unknown) => void faults.push(error),
  };
  const told = await followCapacity(
    {
      async *capacity() {
        yield offering(4);
        throw fault;
      },
    },
    options,
  );
  await told.ended;
  expect([told.now(), faults]).toEqual([offering(4), [fault]]);
  // biome-ignore lint/correctness/useYield: it fails before it can tell anything
  const failing = async function* (): AsyncGenerator<Capacity> {
    throw fault;
  };
  await expect(followCapacity({ capacity: failing }, options)).rejects.toBe(fault);
});
