import { describe, expect, it } from "vitest";
import { ask, askUnlessMissing, daemonWords } from "./docker-fault.ts";

function refusal(statusCode: number, message: string): Error {
  return Object.assign(new Error(`(HTTP code ${statusCode})`), { statusCode, json: { message } });
}

const failing = (error: unknown) => async () => {
  throw error;
};

describe("a request to the engine", () => {
  it.each(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EACCES", "EPIPE"])(
    "that %s left without an answer",
    async (code) => {
      const error = Object.assign(new Error(`connect ${code}`), { code });
      await expect(ask(failing(error))).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE", exitCode: 69 });
    },
  );

  it("that took too long is one without an answer", async () => {
    const error = new DOMException("too long", "TimeoutError");
    await expect(ask(failing(error))).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
  });

  it("tells that the engine's disk is full", async () => {
    const error = refusal(500, "mkdir /var/lib/docker/overlay2/x: no space left on device");
    await expect(ask(failing(error))).rejects.toMatchObject({ code: "STORAGE_FULL", exitCode: 75 });
  });

  it("keeps every other refusal as it is, and every bug", async () => {
    const refused = refusal(409, "conflict");
    await expect(ask(failing(refused))).rejects.toBe(refused);
    const bug = new TypeError("x is not a function");
    await expect(ask(failing(bug))).rejects.toBe(bug);
  });

  it("gives nothing for what does not exist, where that is no fault", async () => {
    expect(await askUnlessMissing(failing(refusal(404, "no such container")))).toBeUndefined();
    await expect(askUnlessMissing(failing(refusal(500, "x")))).rejects.toMatchObject({ statusCode: 500 });
  });

  it("is told in the engine's words, on one line", () => {
    expect(daemonWords(refusal(500, "OCI runtime\ncreate  failed"))).toBe("OCI runtime create failed");
  });

  it("is told shortly, whatever the engine repeats", () => {
    const words = daemonWords(refusal(500, `unlinkat ${"a/".repeat(1_000_000)}: too many open files`));
    expect(words.length).toBeLessThan(3000);
    expect(words).toMatch(/^unlinkat a.*too many open files$/);
  });
});
