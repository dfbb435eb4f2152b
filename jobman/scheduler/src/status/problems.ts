/** What needs the operator's hand now, each as a sentence. */
export interface ProblemBoard {
  /** Replaces what was said of `where`; nothing takes it away. */
  set(where: string, problems: readonly string[]): void;
  all(): readonly string[];
  counts(): ReadonlyMap<string, number>;
}

export function createProblemBoard(): ProblemBoard {
  const board = new Map<string, readonly string[]>();
  return {
    set: (where, problems) => void board.set(where, problems),
    all: () => [...board.values()].flat(),
    counts: () => new Map([...board].map(([where, problems]) => [where, problems.length])),
  };
}
