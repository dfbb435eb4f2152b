import fc from "fast-check";

/**
 * Tries the property on random values. Prints the seed, so that any run can be repeated with
 * `WORKSTATION_SEED=<seed>`; `WORKSTATION_PROPERTY_RUNS` multiplies the number of runs.
 */
export function assertProperty<T>(title: string, property: fc.IProperty<T>, runs: number): void {
  const seed = Number(process.env.WORKSTATION_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const factor = Number(process.env.WORKSTATION_PROPERTY_RUNS ?? 1);
  console.info(`${title}: seed ${seed}`);
  fc.assert(property, { seed, numRuns: runs * factor });
}
