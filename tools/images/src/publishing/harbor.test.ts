import { expect, test } from "vitest";
import type { Registry } from "../registry/registry.ts";
import type { Answer, Sent } from "../registry/transport.ts";
import { describeRepository } from "./harbor.ts";

/** Harbor itself cannot be had here: a double of the two addresses that are asked. */
function harbor(statuses: { readonly ping: number; readonly put: number }) {
  const asked: (Sent & { readonly url: string })[] = [];
  const ask = async (url: string, sent: Sent): Promise<Answer> => {
    asked.push({ url, ...sent });
    const status = sent.method === "GET" ? statuses.ping : statuses.put;
    const text = sent.method === "GET" && status === 200 ? "Pong" : "";
    return { status, headers: {}, body: Buffer.from(text), text };
  };
  const registry: Registry = { host: "harbor.example.org", ask, tryOnce: ask, close: () => undefined };
  return { registry, asked };
}

test("the README becomes the description of the repository", async () => {
  const { registry, asked } = harbor({ ping: 200, put: 200 });
  expect(await describeRepository(registry, "batch/sub/ubuntu-python", "# Hello")).toBe("described");
  expect(asked[1]).toMatchObject({
    method: "PUT",
    url: "/api/v2.0/projects/batch/repositories/sub%252Fubuntu-python",
    body: Buffer.from('{"description":"# Hello"}'),
  });
});

test("a registry of another kind is left alone, and a refusal is handed on", async () => {
  const other = harbor({ ping: 404, put: 500 });
  expect(await describeRepository(other.registry, "batch/a", "x")).toBe("not harbor");
  expect(other.asked).toHaveLength(1);
  const { registry } = harbor({ ping: 200, put: 403 });
  expect(await describeRepository(registry, "batch/a", "x")).toEqual({ refused: 403 });
});
