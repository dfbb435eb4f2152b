import type { V1ConfigMap } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { clusterSite } from "../../testing/cluster-site.ts";
import { ClusterError } from "../api/cluster-error.ts";
import type { ClusterConnection } from "../api/connection.ts";
import { createUserLedger } from "./user-ledger.ts";

const job = (name: string) => ({ name, flavor: "no-gpu" });

/** A page of alice's in an API server, and a ledger on it; `meanwhile` happens once, as a write is on its way. */
function makeLedger(ids: readonly string[], meanwhile: () => readonly string[]) {
  const entries = (of: readonly string[]) => Object.fromEntries(of.map((id) => [id, { ...job(id), at: 0 }]));
  let jobs: Record<string, unknown> = entries(ids);
  let version = 1;
  let happened = false;
  const page = () => ({
    metadata: { resourceVersion: String(version) },
    data: { jobs: JSON.stringify(jobs) },
  });
  const ask = async (method: string, _: string, { body }: { readonly body?: V1ConfigMap } = {}) => {
    if (method === "GET") return page();
    if (!happened) {
      happened = true;
      jobs = { ...jobs, ...entries(meanwhile()) };
      version += 1;
    }
    if (body?.metadata?.resourceVersion !== String(version))
      throw new ClusterError("changed", { status: 409 });
    jobs = JSON.parse(body.data?.jobs ?? "{}");
    version += 1;
    return page();
  };
  const active = new Map<string, boolean>(ids.map((id) => [id, true]));
  const ledger = createUserLedger({
    connection: { ask } as unknown as ClusterConnection,
    site: clusterSite({ cap: 3 }),
    instance: "main",
    isActive: (id) => active.get(id),
    now: Date.now,
    onFault: (fault) => {
      throw fault;
    },
  });
  return { ledger, active, entered: () => Object.keys(jobs).toSorted() };
}

test("a correction leaves in what another scheduler entered, and this one saw, while it was on its way", async () => {
  const { ledger, active, entered } = makeLedger(["a", "b"], () => {
    active.set("c", true);
    return ["c"];
  });
  active.set("a", false);
  await ledger.correct("alice", new Map([["b", job("b")]]), new Set(["a"]));
  expect(entered()).toEqual(["b", "c"]);
});

test("a correction enters what came, unless it has ended on the way", async () => {
  const { ledger, active, entered } = makeLedger(["a"], () => {
    active.set("c", false);
    return [];
  });
  const came = new Map(["a", "b", "c"].map((id) => [id, job(id)]));
  for (const id of ["b", "c"]) active.set(id, true);
  await ledger.correct("alice", came, new Set(["b", "c"]));
  expect(entered()).toEqual(["a", "b"]);
});
