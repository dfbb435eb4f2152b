import { expect, test } from "vitest";
import { refuseBrokenText } from "./broken-text.ts";

const latin1 = () => Buffer.from("jobman\0submit\0--\0caf\xe9.dcm\0", "latin1");
const utf8 = () => Buffer.from("jobman\0submit\0--\0caf\ufffd.dcm\0", "utf8");

test("an argument whose bytes were lost is refused by name", () => {
  expect(() => refuseBrokenText(["ls", "caf\ufffd.dcm"], latin1)).toThrow('"caf\ufffd.dcm"');
});

test("a replacement character that was typed passes", () => {
  expect(() => refuseBrokenText(["caf\ufffd.dcm"], utf8)).not.toThrow();
});

test("the command line is not looked at for other text", () => {
  const never = () => {
    throw new Error("looked");
  };
  expect(() => refuseBrokenText(["café", "", "\n"], never)).not.toThrow();
});
