/** Runs one thing after the other, in the order in which they came; a failure is its own alone. */
export type OneAtATime = <T>(act: () => Promise<T>) => Promise<T>;

export function oneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const mine = last.then(act, act);
    last = mine;
    return mine;
  };
}
