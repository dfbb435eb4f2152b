import { expect, test } from "vitest";
import { runGraph } from "./run-graph.ts";

const parents: Readonly<Record<string, string>> = { b: "a", c: "a", d: "b" };

/** Runs the graph a → b → d, a → c; each node ends when the test says so. */
function start(options: { readonly parallel: number; readonly failing?: readonly string[] }) {
  const log: string[] = [];
  const finish = new Map<string, () => void>();
  const done = runGraph(["a", "b", "c", "d"], {
    parallel: options.parallel,
    needsOf: (node) => [parents[node] ?? "not in the list"],
    run: (node) =>
      new Promise<void>((resolve, reject) => {
        log.push(node);
        finish.set(node, () =>
          options.failing?.includes(node) ? reject(new Error(`${node} failed`)) : resolve(),
        );
      }),
  });
  const end = async (node: string): Promise<void> => {
    finish.get(node)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { log, end, done };
}

test("children start when their parent is done, side by side", async () => {
  const graph = start({ parallel: 4 });
  expect(graph.log).toEqual(["a"]);
  await graph.end("a");
  expect(graph.log).toEqual(["a", "b", "c"]);
  await graph.end("b");
  expect(graph.log).toEqual(["a", "b", "c", "d"]);
  await graph.end("c");
  await graph.end("d");
  await graph.done;
});

test("no more run at once than allowed", async () => {
  const graph = start({ parallel: 1 });
  await graph.end("a");
  expect(graph.log).toEqual(["a", "b"]);
  for (const node of ["b", "c", "d"]) await graph.end(node);
  await graph.done;
  expect(graph.log).toHaveLength(4);
});

test("a sibling that waits for its turn does not start after a failure", async () => {
  const graph = start({ parallel: 1, failing: ["b"] });
  await graph.end("a");
  const ended = expect(graph.done).rejects.toThrow("b failed");
  await graph.end("b");
  expect(graph.log).toEqual(["a", "b"]);
  await ended;
});

test("after a failure nothing new starts, and what runs is waited for", async () => {
  const graph = start({ parallel: 4, failing: ["b"] });
  await graph.end("a");
  await graph.end("b");
  const ended = graph.done.then(
    () => "resolved",
    (error: Error) => error.message,
  );
  expect(graph.log).toEqual(["a", "b", "c"]);
  await graph.end("c");
  expect(await ended).toBe("b failed");
  expect(graph.log).not.toContain("d");
});
