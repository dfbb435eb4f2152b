import { expect, test } from "vitest";
import { AnswerTooLarge, readText } from "./read-text.ts";

async function* chunks(count: number, size: number, sent: number[] = []) {
  for (let index = 0; index < count; index += 1) {
    sent.push(index);
    yield new Uint8Array(size).fill(97);
  }
}

test("an answer is read whole, also where a letter is cut in two", async () => {
  const [first, second] = [Uint8Array.of(0x61, 0xc3), Uint8Array.of(0xa4)];
  async function* cut() {
    yield first;
    yield second;
  }
  expect(await readText(cut(), 10)).toBe("aä");
  expect(await readText(chunks(3, 10), 30)).toHaveLength(30);
});

test("one that is too large is not read to its end", async () => {
  const sent: number[] = [];
  await expect(readText(chunks(1000, 10, sent), 95)).rejects.toThrow(AnswerTooLarge);
  expect(sent).toHaveLength(10);
});
