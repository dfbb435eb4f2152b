import { describe, expect, it } from "vitest";
import { capabilitiesOf, insistOnApi } from "./daemon-capabilities.ts";

describe("what an engine can do", () => {
  it.each([
    ["1.41", false],
    ["1.43", false],
    ["1.44", true],
    ["1.56", true],
    ["1.100", true],
    ["2.0", true],
  ])("with API %s about read-only folders is known: %s", (apiVersion, forcesReadOnly) => {
    expect(capabilitiesOf(apiVersion)).toEqual({ forcesReadOnly });
  });
});

describe("an engine", () => {
  it("that is older than 20.10 is refused, with the way out", () => {
    expect(() => insistOnApi("1.40")).toThrow(
      expect.objectContaining({
        code: "ENGINE_TOO_OLD",
        message: expect.stringContaining("1.40"),
        hint: expect.stringContaining("20.10"),
      }),
    );
    insistOnApi("1.41");
    insistOnApi("1.56");
  });
});
