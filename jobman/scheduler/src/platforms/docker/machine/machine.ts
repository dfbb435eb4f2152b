import { type DockerConnection, daemonInfo } from "@workstation/docker";
import type { MachineProbe } from "../../engine.ts";
import { findGpus, type RunTool, runTool } from "./gpus.ts";

/** What the engine's machine has. GPUs are asked of the NVIDIA tools, so they are found on this machine only. */
export function createMachineProbe(docker: DockerConnection, run: RunTool = runTool): MachineProbe {
  return {
    async probe() {
      const info = await daemonInfo(docker);
      const found = await findGpus(info, run);
      return { cores: info.cores, memoryBytes: info.memoryBytes, ...found };
    },
  };
}
