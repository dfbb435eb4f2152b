import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { ByteReader } from "./byte-reader.ts";
import { keysymOf } from "./keysyms.ts";
import { blackPicture, changeBetween, copyOf, isBlank } from "./picture.ts";
import { answerChallenge } from "./vnc-auth.ts";

test("a challenge is answered as other clients do, with eight characters of the password", () => {
  const challenge = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");
  const answer = answerChallenge("password", challenge);
  expect(answerChallenge("password and more", challenge)).toEqual(answer);
  expect(answerChallenge("passwort", challenge)).not.toEqual(answer);
  expect(answer).toHaveLength(16);
});

test("bytes are read in the wanted lengths, however they arrive", async () => {
  const stream = new PassThrough();
  const reader = new ByteReader(stream);
  const first = reader.read(3);
  stream.write("ab");
  stream.write("cde");
  expect((await first).toString()).toBe("abc");
  expect((await reader.read(1)).toString()).toBe("d");
  expect(reader.release().toString()).toBe("e");
});

test("a stream that ends is an error of who reads, after what arrived was read", async () => {
  const stream = new PassThrough();
  const reader = new ByteReader(stream);
  stream.end("ab");
  stream.once("end", () => stream.destroy());
  expect((await reader.read(2)).toString()).toBe("ab");
  await expect(reader.read(1)).rejects.toThrow("closed the connection");
});

test("a text that its server announces as larger than any is refused before it is awaited", async () => {
  const stream = new PassThrough();
  const reader = new ByteReader(stream);
  stream.write(Buffer.of(0x7f, 0xff, 0xff, 0xff));
  await expect(reader.text()).rejects.toThrow("announces a text of 2147483647 bytes");
});

test.each([
  ["a", 0x61],
  ["ß", 0xdf],
  ["€", 0x0100_20ac],
  ["😀", 0x0101_f600],
  ["\n", 0xff0d],
  ["Control", 0xffe3],
])("the keysym of %j", (key, keysym) => {
  expect(keysymOf(key)).toBe(keysym);
});

test("a key that does not exist is refused", () => {
  expect(() => keysymOf("Enter")).toThrow('no key is called "Enter"');
});

test("a change is found, with its place and size", () => {
  const before = blackPicture(40, 30);
  const after = copyOf(before);
  after.pixels.set([255, 255, 255], (5 * 40 + 7) * 4);
  after.pixels.set([255, 255, 255], (9 * 40 + 20) * 4);
  expect(changeBetween(before, after)).toEqual({ x: 7, y: 5, width: 14, height: 5, pixels: 2 });
  expect(changeBetween(before, copyOf(before))).toBeUndefined();
  expect([isBlank(before), isBlank(after)]).toEqual([true, false]);
});
