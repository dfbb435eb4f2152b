import { createServer } from "node:net";
import { expect, test } from "vitest";
import { isLoopback, listenAt } from "./addresses.ts";
import { openOperatorDoor } from "./operator-door.ts";

test.each([
  ["127.0.0.1", true],
  ["127.8.0.1", true],
  ["::1", true],
  ["localhost", true],
  ["::", false],
  ["0.0.0.0", false],
  ["10.0.0.1", false],
  ["127.0.0.1.evil.example", false],
])("%s is this machine's alone: %s", (host, expected) => {
  expect(isLoopback({ host })).toBe(expected);
});

test("the operator's port is opened on loopback alone", async () => {
  const opening = openOperatorDoor({ host: "0.0.0.0", port: 0 }, () => undefined);
  await expect(opening).rejects.toMatchObject({ code: "OPERATOR_ADDRESS_OPEN" });
});

test("an address that somebody else has is told", async () => {
  await using taken = createServer();
  await listenAt(taken, { host: "127.0.0.1", port: 0 });
  const address = taken.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const again = listenAt(createServer(), { host: "127.0.0.1", port });
  await expect(again).rejects.toMatchObject({ code: "ADDRESS_UNUSABLE" });
});
