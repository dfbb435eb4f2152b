import { namespaceFlags, personalities, socketFamilies, systemCalls, tracingCalls } from "./system-calls.ts";

/**
 * The seccomp profile of every container of ours, in the engine's format: what it does not name fails with EPERM. It
 * names no architecture, so that calls of another one (32-bit programs, whose `socketcall` hides what kind of socket it
 * makes) end their program.
 */
export const seccompProfile: string = JSON.stringify({
  defaultAction: "SCMP_ACT_ERRNO",
  syscalls: [
    allow(systemCalls),
    { ...allow(tracingCalls), includes: { minKernel: "4.8" } },
    // Compared whole: the kernel looks at 32 of the 64 bits, and "not 40" would let 2^32 + 40 pass.
    ...socketFamilies.map((family) => allow(["socket"], isEqual(family))),
    allow(["socketpair"], isEqual(1)),
    ...personalities.map((kind) => allow(["personality"], isEqual(kind))),
    { ...allow(["clone"], hasNone(namespaceFlags, 0)), excludes: { arches: ["s390", "s390x"] } },
    { ...allow(["clone"], hasNone(namespaceFlags, 1)), includes: { arches: ["s390", "s390x"] } },
    // Its flags lie in memory, where no filter sees them; with "no such call" programs take clone.
    { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 38 },
  ],
});

interface Condition {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: string;
}

function allow(names: readonly string[], ...args: readonly Condition[]) {
  return { names, action: "SCMP_ACT_ALLOW", args };
}

function isEqual(value: number): Condition {
  return { index: 0, value, op: "SCMP_CMP_EQ" };
}

function hasNone(bits: number, index: number): Condition {
  return { index, value: bits, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" };
}
