import { describe, expect, it } from "vitest";
import { findGpus, type RunTool } from "./gpus.ts";

const engine = { runtimes: ["runc", "nvidia"], socket: "/var/run/docker.sock" };

const list = `GPU 0: NVIDIA A30 (UUID: GPU-11111111-aaaa-bbbb-cccc-000000000000)
  MIG 1g.6gb      Device  0: (UUID: MIG-22222222-0000-0000-0000-000000000001)
  MIG 2g.12gb     Device  1: (UUID: MIG-22222222-0000-0000-0000-000000000002)
GPU 1: Tesla V100-PCIE-32GB (UUID: GPU-33333333-aaaa-bbbb-cccc-000000000000)
`;

const memory = `GPU-11111111-aaaa-bbbb-cccc-000000000000, 24576
GPU-33333333-aaaa-bbbb-cccc-000000000000, 32768
`;

const nvidia: RunTool = async (_program, argv) => (argv[0] === "-L" ? list : memory);

describe("finding GPUs", () => {
  it("gives the parts of a split GPU instead of the whole", async () => {
    const { gpus } = await findGpus(engine, nvidia);
    expect(gpus).toEqual([
      { id: "MIG-22222222-0000-0000-0000-000000000001", model: "NVIDIA A30", memoryBytes: 6e9 },
      { id: "MIG-22222222-0000-0000-0000-000000000002", model: "NVIDIA A30", memoryBytes: 12e9 },
      {
        id: "GPU-33333333-aaaa-bbbb-cccc-000000000000",
        model: "Tesla V100-PCIE-32GB",
        memoryBytes: 32 * 2 ** 30,
      },
    ]);
  });

  it("says why there are none", async () => {
    const missing: RunTool = async () => {
      throw new Error("spawn nvidia-smi ENOENT");
    };
    const noteOf = async (...of: Parameters<typeof findGpus>) => (await findGpus(...of)).gpuNote;
    expect(await noteOf({ ...engine, runtimes: ["runc"] }, nvidia)).toContain("no NVIDIA runtime");
    expect(await noteOf({ ...engine, socket: undefined }, nvidia)).toContain("another machine");
    expect(await noteOf(engine, missing)).toContain("spawn nvidia-smi ENOENT");
    expect(await noteOf(engine, async () => "")).toContain("lists no GPU");
  });
});
