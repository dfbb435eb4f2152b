/** The networks of `length` bits in an IPv4 pool such as `10.213.0.0/16`, in order. */
export function* subnetsOf(pool: string, length: number): Iterable<string> {
  const [address = "", bits = "32"] = pool.split("/");
  const size = 2 ** (32 - length);
  const poolSize = 2 ** (32 - Number(bits));
  const first = Math.floor(toNumber(address) / poolSize) * poolSize;
  for (let start = first; start + size <= first + poolSize; start += size) {
    yield `${toAddress(start)}/${length}`;
  }
}

function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
