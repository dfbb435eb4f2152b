import fc from "fast-check";

/**
 * Tries the property on random values. Prints the seed, so that any run can be repeated with
 * `WORKSTATION_SEED=<seed>`; `WORKSTATION_PROPERTY_RUNS` multiplies the number of runs.
 */
export function assertProperty<T>(title: string, property: fc.IProperty<T>, runs: number): void;
export function assertProperty<T>(title: string, property: fc.IAsyncProperty<T>, runs: number): Promise<void>;
export function assertProperty<T>(title: string, property: fc.IRawProperty<T>, runs: number): unknown {
  const seed = Number(process.env.WORKSTATION_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const factor = Number(process.env.WORKSTATION_PROPERTY_RUNS ?? 1);
  console.info(`${title}: seed ${seed}`);
  return fc.assert(property, { seed, numRuns: runs * factor });
}
