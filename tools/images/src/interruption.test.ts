import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { listenForEnd } from "./interruption.ts";

test("a signal that comes again at once is one wish; later the next one is nobody's, and ends the process", async () => {
  const signals = new EventEmitter();
  const { signal } = listenForEnd(signals, 50);
  signals.emit("SIGTERM");
  signals.emit("SIGTERM");
  expect(signal.aborted).toBe(true);
  expect(signals.listenerCount("SIGTERM")).toBe(1);
  await expect.poll(() => signals.listenerCount("SIGTERM") + signals.listenerCount("SIGINT")).toBe(0);
});
