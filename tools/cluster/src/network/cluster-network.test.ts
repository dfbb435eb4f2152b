import { BlockList, isIPv4 } from "node:net";
import { expect, test } from "vitest";
import { rangesOf } from "./cluster-network.ts";

test("machine, pods and services of a cluster share 256 addresses, and each has its own", () => {
  const ranges = rangesOf("10.214.7");
  const machine = `10.214.7.0/${ranges.prefixLength}`;
  const owners = [machine, ranges.podRange, ranges.serviceRange].map((range) => {
    const [start = "", length] = range.split("/");
    const list = new BlockList();
    list.addSubnet(start, Number(length));
    return (address: string) => isIPv4(address) && list.check(address);
  });
  for (let last = 0; last < 256; last += 1) {
    expect(owners.filter((owns) => owns(`10.214.7.${last}`))).toHaveLength(1);
  }
  const ownersOf = (address: string) => owners.findIndex((owns) => owns(address));
  expect([ranges.address, ranges.nodeAddress, ranges.podGateway].map(ownersOf)).toEqual([0, 0, 1]);
});
