/** Runs one thing after the other, in the order in which they came; a failure is its own alone. */
export type OneAtATime = <T>(act: () => Promise<T>) => Promise<T>;

/** Things that must not meet are given to the same one. */
export function oneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const mine = last.then(act);
    last = mine.catch(() => undefined);
    return mine;
  };
}
