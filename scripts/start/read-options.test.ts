import { expect, test } from "vitest";
import { readOptions, repeatPlaces } from "./read-options.ts";

test("an option that there is not is named, with the way to those that there are", () => {
  expect(() => readOptions(["--bogus"])).toThrow(
    expect.objectContaining({
      code: "OPTION_UNKNOWN",
      message: expect.stringContaining("'--bogus'"),
      exitCode: 2,
    }),
  );
});

test("a command for the same scheduler has the places that were given", () => {
  const given = readOptions(["--state", "/srv/it's", "--instance", "mine"]);
  expect(repeatPlaces(given)).toBe(" --state '/srv/it'\\''s' --instance mine");
  expect(repeatPlaces({})).toBe("");
});
