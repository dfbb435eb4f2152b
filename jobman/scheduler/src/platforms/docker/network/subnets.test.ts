import { describe, expect, it } from "vitest";
import { subnetsOf } from "./subnets.ts";

describe("the networks of a pool", () => {
  it("are all of it, in order, and nothing beyond", () => {
    expect([...subnetsOf("10.0.0.0/28", 29)]).toEqual(["10.0.0.0/29", "10.0.0.8/29"]);
    const all = [...subnetsOf("203.0.112.0/20", 29)];
    expect(all).toHaveLength(512);
    expect(all.at(-1)).toBe("203.0.127.248/29");
  });

  it("begin at the pool's own start, whatever address names it", () => {
    expect([...subnetsOf("10.0.0.77/26", 29)][0]).toBe("10.0.0.64/29");
  });

  it("are none when the pool is smaller than one", () => {
    expect([...subnetsOf("10.0.0.0/30", 29)]).toEqual([]);
  });
});
