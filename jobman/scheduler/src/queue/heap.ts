/** A binary heap: `items[0]` is before all others. */
export interface Heap<T> {
  readonly items: T[];
  readonly isBefore: (a: T, b: T) => boolean;
}

/** Takes the items in linear time; the array given is not changed. */
export function heapFrom<T>(items: readonly T[], isBefore: (a: T, b: T) => boolean): Heap<T> {
  const heap = { items: [...items], isBefore };
  for (let index = (items.length >> 1) - 1; index >= 0; index -= 1) sink(heap, index);
  return heap;
}

/** Adds an item in logarithmic time. */
export function pushHeap<T>(heap: Heap<T>, item: T): void {
  let index = heap.items.push(item) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap.items[parent] as T;
    if (!heap.isBefore(item, above)) break;
    heap.items[index] = above;
    index = parent;
  }
  heap.items[index] = item;
}

/** Removes and returns the first item in logarithmic time; undefined when there is none. */
export function popHeap<T>(heap: Heap<T>): T | undefined {
  const first = heap.items[0];
  const last = heap.items.pop();
  if (last !== undefined && heap.items.length > 0) {
    heap.items[0] = last;
    sink(heap, 0);
  }
  return first;
}

function sink<T>({ items, isBefore }: Heap<T>, start: number): void {
  const item = items[start] as T;
  let index = start;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= items.length) break;
    if (child + 1 < items.length && isBefore(items[child + 1] as T, items[child] as T)) child += 1;
    if (!isBefore(items[child] as T, item)) break;
    items[index] = items[child] as T;
    index = child;
  }
  items[index] = item;
}
