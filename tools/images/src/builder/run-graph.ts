/** Something to be done for a node, once it is done for those that it needs. */
export interface GraphWork<Node> {
  /** Nodes that are not in the list count as done. */
  readonly needsOf: (node: Node) => readonly Node[];
  readonly run: (node: Node) => Promise<void>;
  /** At most so many at once. */
  readonly parallel: number;
}

/**
 * Does the work for each node, needs first, side by side where it can be. After a failure nothing new starts, what
 * runs is waited for, and the first failure is thrown.
 */
export async function runGraph<Node>(nodes: readonly Node[], work: GraphWork<Node>): Promise<void> {
  const finished = new Set<Node>();
  const running = new Map<Node, Promise<void>>();
  const waiting = new Set(nodes);
  const failures: unknown[] = [];
  const isReady = (node: Node): boolean =>
    work.needsOf(node).every((need) => finished.has(need) || !nodes.includes(need));
  const start = (node: Node): void => {
    waiting.delete(node);
    const done = work
      .run(node)
      .then(() => finished.add(node))
      .catch((error: unknown) => failures.push(error))
      .then(() => void running.delete(node));
    running.set(node, done);
  };
  while (waiting.size > 0 || running.size > 0) {
    const ready = failures.length > 0 ? [] : [...waiting].filter(isReady);
    ready.slice(0, Math.max(0, work.parallel - running.size)).forEach(start);
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (failures.length > 0) throw failures[0];
}
