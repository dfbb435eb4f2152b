import { availableParallelism, totalmem } from "node:os";
import { connectDocker, daemonInfo, dockerAnswers, localOpenFilesCeiling } from "@workstation/docker";

/** What a container can be given here. */
export interface RunMachine {
  readonly cores: number;
  readonly memoryBytes: number;
  /** Whether GPUs may be there: then the slots of GPU flavors share the memory too. */
  readonly gpus: boolean;
  /** What the engine can allow at most, where that is known. */
  readonly openFilesCeiling: number | undefined;
}

/** The machine of the Docker engine; this one where no engine answers, so that `--dry-run` can be had without. */
export async function readRunMachine(): Promise<RunMachine> {
  if (!(await dockerAnswers()).ok) {
    return {
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      gpus: false,
      openFilesCeiling: undefined,
    };
  }
  const docker = await connectDocker();
  const { cores, memoryBytes, runtimes } = await daemonInfo(docker);
  const openFilesCeiling = await localOpenFilesCeiling(docker);
  return { cores, memoryBytes, gpus: runtimes.includes("nvidia"), openFilesCeiling };
}
