import { expect, test, vi } from "vitest";
import { clusterSite } from "../../testing/cluster-site.ts";
import { connectWith } from "../api/connection.ts";
import { events, page, scriptApiServer } from "../testing/scripted-api-server.ts";
import { followUsers } from "./namespaces.ts";

function namespace(name: string, version: number, user: string, uid: string) {
  const labels = { "workstation.managed": "true", "workstation.user": user };
  const annotations = { "workstation.uid": uid, "workstation.gid": uid };
  return { metadata: { uid: `of-${name}`, resourceVersion: String(version), name, labels, annotations } };
}

test("who may send jobs is who has a namespace, as the API server tells it, and what is wrong with others is told", async () => {
  const path = "/api/v1/namespaces";
  await using server = await scriptApiServer({
    [`GET ${path}`]: [
      page("10", [namespace("user-anna", 1, "anna", "20001"), namespace("user-ben", 2, "ben", "0")]),
    ],
    [`WATCH ${path}`]: [
      events([
        { type: "MODIFIED", object: namespace("user-ben", 11, "ben", "20002") },
        { type: "ADDED", object: namespace("other", 12, "anna", "20009") },
      ]),
    ],
  });
  const connection = connectWith({ server: server.address, tls: {}, headers: async () => ({}) });
  const told: (readonly string[])[] = [];
  const users = followUsers({
    connection,
    site: clusterSite(),
    onChange: () => told.push(users.problems()),
    onFault: () => undefined,
  });
  const stopped = new AbortController();
  const running = users.run(stopped.signal);
  await vi.waitFor(() => expect(told.length).toBe(4), 10_000);
  expect(users.all().map(({ name, uid }) => [name, uid])).toEqual([
    ["anna", 20_001],
    ["ben", 20_002],
  ]);
  expect(users.ofNamespace("other")).toBeUndefined();
  expect(told).toEqual([
    [],
    [expect.stringContaining("namespace user-ben cannot be used")],
    [],
    ["anna has several namespaces: user-anna has its say, not other"],
  ]);
  expect(server.asked[0]?.query.get("labelSelector")).toBe("workstation.managed=true");
  stopped.abort();
  await running;
  await connection.close();
});
