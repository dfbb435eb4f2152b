/** What the operator has to mend, and what a user should know of it meanwhile. */
export interface Problem {
  readonly message: string;
  readonly forUsers?: string;
}

/** What needs the operator's hand now, each as a sentence. */
export interface ProblemBoard {
  /** Replaces what was said of `where`; nothing takes it away. */
  set(where: string, problems: readonly Problem[]): void;
  all(): readonly string[];
  /** What users should know meanwhile. */
  forUsers(): readonly string[];
  counts(): ReadonlyMap<string, number>;
}

export function createProblemBoard(): ProblemBoard {
  const board = new Map<string, readonly Problem[]>();
  const everything = (): readonly Problem[] => [...board.values()].flat();
  return {
    set: (where, problems) => void board.set(where, problems),
    all: () => everything().map((each) => each.message),
    forUsers: () => everything().flatMap((each) => each.forUsers ?? []),
    counts: () => new Map([...board].map(([where, problems]) => [where, problems.length])),
  };
}
