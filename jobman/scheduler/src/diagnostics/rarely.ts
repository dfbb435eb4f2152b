const tellEveryMs = 60_000;

/** Whoever breaks the same thing all the time does not fill the list of faults with it: it is told once a minute. */
export function rarely(tell: (error: unknown) => void): (error: unknown) => void {
  let notBefore = 0;
  return (error) => {
    if (performance.now() < notBefore) return;
    notBefore = performance.now() + tellEveryMs;
    tell(error);
  };
}
