import { expect, test } from "vitest";
import { describeBase } from "./make-base.ts";

test("a base is made with nothing of the machine that makes it", () => {
  const { reference, argv } = describeBase({
    distribution: "debian-12",
    mirror: "http://mirror.example.org/debian",
    signal: new AbortController().signal,
  });
  expect(reference).toBe("workstation-base:debian-12");
  expect(argv.at(-1)).toBe("http://mirror.example.org/debian");
  for (const file of ["hostname", "hosts", "resolv.conf"])
    expect(argv.join(" ")).toContain(`: >"$1/etc/${file}"`);
});
