import fc from "fast-check";
import { expect, test } from "vitest";
import { heapFrom, popHeap, pushHeap } from "./heap.ts";
import { assertProperty } from "./testing/assert-property.ts";

const numbers = fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 60 });

test("a heap gives its items back in order, those it was made from and those that were added", () => {
  const property = fc.property(numbers, numbers, (first, added) => {
    const heap = heapFrom(first, (a, b) => a < b);
    for (const item of added) pushHeap(heap, item);
    const taken = [...first, ...added].map(() => popHeap(heap));
    expect(taken).toEqual([...first, ...added].sort((a, b) => a - b));
    expect(popHeap(heap)).toBeUndefined();
  });
  assertProperty("heap", property, 300);
});

test("making a heap leaves the given items as they were", () => {
  const items = [3, 1, 2];
  popHeap(heapFrom(items, (a, b) => a < b));
  expect(items).toEqual([3, 1, 2]);
});
