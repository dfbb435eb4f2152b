import { expect, test } from "vitest";
import { readAddress } from "./address.ts";

test.each([
  ["127.0.0.1:8081", { host: "127.0.0.1", port: 8081 }],
  [":8443", { host: "::", port: 8443 }],
  ["[::1]:0", { host: "::1", port: 0 }],
])("%s is an address", (text, address) => {
  expect(readAddress("--listen", text)).toEqual(address);
});

test.each(["8443", "host:", "host:70000", ""])("%j is none, and it is said what is", (text) => {
  expect(() => readAddress("--listen", text)).toThrow(
    expect.objectContaining({
      code: "INVALID_OPTION",
      message: `--listen ${JSON.stringify(text)} is no address`,
    }),
  );
});
