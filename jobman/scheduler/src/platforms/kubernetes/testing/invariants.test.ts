import type { V1ConfigMap, V1Job, V1Pod } from "@kubernetes/client-node";
import { clusterAnnotations, clusterLabels, containerLabels } from "@workstation/site";
import { expect, test } from "vitest";
import type { HistoryEvent } from "./history.ts";
import { brokenPromises, unfinished } from "./invariants.ts";

const promises = { cap: 2, knownAfterMs: 1000, slots: () => 1 };

/** One event after the other, ten seconds apart. */
function history(...parts: readonly Partial<HistoryEvent>[]) {
  const events = parts.map((part, index) => ({
    ...{ gone: false, revision: BigInt(index), seenAt: index * 10_000 },
    ...part,
  }));
  return { events: () => events as HistoryEvent[] };
}

interface Made {
  readonly owner?: string;
  readonly suspend?: boolean;
  readonly ended?: boolean;
  readonly at?: number;
}

function job(name: string, { owner = name, suspend = true, ended = false, at = 0 }: Made = {}) {
  const object: V1Job = {
    metadata: {
      ...{ uid: name, name, creationTimestamp: new Date(at * 1000) },
      labels: {
        [containerLabels.id]: name,
        [containerLabels.owner]: owner,
        [containerLabels.flavor]: "wide",
      },
      annotations: { [clusterAnnotations.request]: JSON.stringify({ submittedAt: 0 }) },
    },
    spec: { suspend, template: {} },
    status: ended ? { conditions: [{ type: "Complete", status: "True" }] } : {},
  };
  return { kind: "job", object } as const;
}

function pod(name: string, of: string, phase = "Running") {
  const labels = { [containerLabels.flavor]: "wide" };
  const ownerReferences = [{ apiVersion: "batch/v1", kind: "Job", name: of, uid: of }];
  const object: V1Pod = { metadata: { uid: name, name, labels, ownerReferences }, status: { phase } };
  return { kind: "pod", object } as const;
}

function ledger(...names: readonly string[]) {
  const jobs = JSON.stringify(Object.fromEntries(names.map((name) => [name, {}])));
  const object: V1ConfigMap = {
    metadata: { uid: "ledger", labels: { [clusterLabels.ledger]: "wide" } },
    data: { jobs },
  };
  return { kind: "ledger", object } as const;
}

test("a queue that keeps its promises breaks none", () => {
  const good = history(
    ...[job("a"), job("b", { at: 1 }), ledger("a"), job("a", { suspend: false }), pod("p", "a")],
    ...[pod("p", "a", "Succeeded"), job("a", { suspend: false, ended: true }), ledger("b")],
    ...[job("b", { suspend: false, at: 1 }), job("b", { suspend: false, ended: true, at: 1 })],
  );
  expect(brokenPromises(good, promises)).toEqual([]);
  expect(unfinished(good, { accepted: new Set(["a", "b"]), removed: new Set() })).toEqual([]);
});

test.for<readonly [string, readonly Partial<HistoryEvent>[], string]>([
  [
    "two let go in one slot",
    [job("a"), job("b"), ledger("a", "b"), job("a", { suspend: false }), job("b", { suspend: false })],
    "wide: 2 of 1 slots are taken once b is let go",
  ],
  [
    "one let go while a pod of an ended Job runs",
    [
      ...[job("a"), job("b"), ledger("a", "b"), job("a", { suspend: false }), pod("p", "a")],
      ...[{ ...job("a", { suspend: false }), gone: true }, job("b", { suspend: false })],
    ],
    "wide: 2 of 1 slots are taken once b is let go",
  ],
  [
    "three active jobs of one user",
    [job("a", { owner: "x" }), job("b", { owner: "x" }), job("c", { owner: "x" })],
    "x has 3 active jobs of 2",
  ],
  [
    "a slot for the second in line",
    [job("a"), job("b", { at: 1 }), ledger(), ledger("b")],
    "b was given a slot before a",
  ],
  [
    "one let go a second time",
    [job("a"), ledger("a"), job("a", { suspend: false }), job("a"), job("a", { suspend: false })],
    "a was let go twice",
  ],
  [
    "two pods for one Job",
    [job("a"), ledger("a"), job("a", { suspend: false }), pod("p", "a"), pod("q", "a")],
    "2 pods were made for a",
  ],
  [
    "one let go whom no ledger names",
    [job("a"), job("a", { suspend: false })],
    "a was let go without a slot in the ledger",
  ],
])("%s: it is seen", ([, events, words]) => {
  expect(brokenPromises(history(...events), promises)).toContain(words);
});

test("a job that waits, runs on or went away is unfinished, where somebody counts on it", () => {
  const left = history(job("a"), job("b", { suspend: false }), job("c"), { ...job("c"), gone: true });
  const accepted = new Set(["a", "b", "c"]);
  expect(unfinished(left, { accepted, removed: new Set() })).toEqual([
    "a is still waiting",
    "b is still let go",
    "c went before it was over",
  ]);
  expect(unfinished(left, { accepted: new Set(), removed: new Set(["a", "b"]) })).toEqual([]);
});
