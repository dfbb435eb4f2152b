import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { indexProblem } from "./package-index.ts";

const { signal } = new AbortController();

test("an index that answers is no problem; one that refuses or is gone is told by its address", async () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/good/" ? 200 : 404;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await indexProblem(`${url}/good`, signal)).toBeUndefined();
  expect(await indexProblem(`${url}/bad`, signal)).toBe(`the package index ${url}/bad does not answer (404)`);
  await new Promise((resolve) => server.close(resolve));
  expect(await indexProblem(`${url}/good`, signal)).toBe(`the package index ${url}/good does not answer`);
});
