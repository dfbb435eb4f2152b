import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { readAhead } from "./read-ahead.ts";

const text = async (chunks: AsyncIterable<Uint8Array>) =>
  Buffer.concat(await Array.fromAsync(chunks)).toString();

async function* spoken(words: readonly string[], afterMs = 0) {
  for (const [index, word] of words.entries()) {
    if (index > 0 && afterMs > 0) await pause(afterMs);
    yield Buffer.from(word);
  }
}

test.each([
  [3, 3],
  [4, 6],
  [100, 9],
])("of three words of three bytes, %i wanted, %i are read ahead, and all are there", async (enough, read) => {
  const { bytes, all } = await readAhead(spoken(["one", "two", "six"]), { enough, waitMs: 1000 });
  expect(bytes).toBe(read);
  expect(await text(all)).toBe("onetwosix");
});

test("who says nothing more is waited for as long as was said, and heard when it goes on", async () => {
  const began = performance.now();
  const { bytes, all } = await readAhead(spoken(["one", "two"], 300), { enough: 100, waitMs: 50 });
  expect(performance.now() - began).toBeLessThan(250);
  expect(bytes).toBe(3);
  expect(await text(all)).toBe("onetwo");
});

test("a stream that breaks says so to who reads on, after what came before", async () => {
  async function* breaking() {
    yield Buffer.from("one");
    throw new Error("broken");
  }
  const { all } = await readAhead(breaking(), { enough: 100, waitMs: 1000 }).catch((error: unknown) => {
    throw new Error(`not here: ${error}`);
  });
  const heard: string[] = [];
  await expect(
    (async () => {
      for await (const chunk of all) heard.push(chunk.toString());
    })(),
  ).rejects.toThrow("broken");
  expect(heard).toEqual(["one"]);
});

test("who reads no further lets the stream go", async () => {
  let isLeft = false;
  async function* endless() {
    try {
      for (;;) yield Buffer.from("word");
    } finally {
      isLeft = true;
    }
  }
  const { all } = await readAhead(endless(), { enough: 8, waitMs: 1000 });
  for await (const _ of all) break;
  expect(isLeft).toBe(true);
});
