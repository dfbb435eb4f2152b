import { expect, test } from "vitest";
import { slotSize } from "./slot-size.ts";

test("a slot has what its flavor promises where the machine has it", () => {
  const machine = { cores: 64, memoryBytes: 1e12 };
  expect(slotSize({ cores: 8, memory: 64e9 }, machine, 4)).toEqual({ cores: 8, memoryBytes: 64e9 });
});

test("a slot has at most the machine's cores and its part of four fifths of the memory", () => {
  const machine = { cores: 2, memoryBytes: 30e9 };
  expect(slotSize({ cores: 8, memory: 64e9 }, machine, 4)).toEqual({ cores: 2, memoryBytes: 6e9 });
});

test("where no slot can be used, one alone counts", () => {
  expect(slotSize({ cores: 1, memory: 64e9 }, { cores: 1, memoryBytes: 10e9 }, 0).memoryBytes).toBe(8e9);
});
