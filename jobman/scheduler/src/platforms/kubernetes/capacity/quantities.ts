/** What a quantity of the API says, as a number: `2`, `500m`, `64Gi`, `1e3`. Units are those of `resource.Quantity`. */
export function readQuantity(text: string | number | undefined): number {
  const [, digits, suffix = ""] =
    /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([numkKMGTPE]i?)?$/.exec(String(text ?? "0")) ?? [];
  return digits === undefined ? 0 : Number(digits) * (factors[suffix] ?? 0);
}

const factors: Readonly<Record<string, number>> = {
  "": 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
