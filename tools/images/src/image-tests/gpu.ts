import { gpuPromised } from "../tested/gpu-promised.ts";
import { type ContainerOptions, type Ended, runInImage } from "./container.ts";

/** What decides whether a GPU was promised: `REQUIRE_GPU`. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * As `runInImage`, with the machine's first GPU where one was promised, else without any; the command reads in
 * `REQUIRE_GPU`, 1 or 0, whether it must use one. Throws, and says so, where a GPU was promised and no container can have it.
 */
export async function runOnPromisedGpu(
  command: readonly string[],
  options: ContainerOptions = {},
  environment: Environment = process.env,
): Promise<Ended> {
  const gpu = gpuPromised(environment);
  const given = { ...options, gpu, environment: { ...options.environment, REQUIRE_GPU: gpu ? "1" : "0" } };
  try {
    return await runInImage(command, given);
  } catch (cause) {
    if (!gpu) throw cause;
    const why = (cause as Error).message;
    throw new Error(`REQUIRE_GPU promises a GPU, and no container ran with one: ${why}`, { cause });
  }
}

/** The same with a text of Python. */
export function pythonOnPromisedGpu(program: string): Promise<Ended> {
  return runOnPromisedGpu(["python3", "-c", program]);
}
