import { describe, expect, it } from "vitest";
import { capabilitiesOf } from "./engine-capabilities.ts";

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
