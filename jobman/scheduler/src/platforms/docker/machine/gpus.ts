import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { DaemonInfo } from "@workstation/docker";
import type { Machine } from "../../engine.ts";

/** Runs a program and returns its stdout; rejects when it cannot be run or fails. */
export type RunTool = (program: string, argv: readonly string[]) => Promise<string>;

export const runTool: RunTool = async (program, argv) => {
  const { stdout } = await promisify(execFile)(program, [...argv], { timeout: 10_000 });
  return stdout;
};

/**
 * The GPUs that containers can be given: whole ones, and where a GPU is split the parts (MIG) instead of the whole.
 * Without any, `gpuNote` says why.
 */
export async function findGpus(
  engine: Pick<DaemonInfo, "runtimes" | "socket">,
  run: RunTool,
): Promise<Pick<Machine, "gpus" | "gpuNote">> {
  if (engine.socket === undefined) return none("the engine is on another machine, whose GPUs cannot be seen");
  if (!engine.runtimes.includes("nvidia"))
    return none("Docker has no NVIDIA runtime (nvidia-container-toolkit)");
  try {
    const memory = parseMemory(await run("nvidia-smi", memoryQuery));
    const gpus = parseGpuList(await run("nvidia-smi", ["-L"]), memory);
    return gpus.length === 0 ? none("nvidia-smi lists no GPU") : { gpus };
  } catch (error) {
    return none(`nvidia-smi failed: ${(error as Error).message.split("\n")[0]}`);
  }
}

const memoryQuery = ["--query-gpu=uuid,memory.total", "--format=csv,noheader,nounits"];

function none(gpuNote: string): Pick<Machine, "gpus" | "gpuNote"> {
  return { gpus: [], gpuNote };
}

/** Lines of `<uuid>, <MiB>`; returns bytes by uuid. */
function parseMemory(text: string): ReadonlyMap<string, number> {
  const rows = text.split("\n").map((line) => /^(GPU-[^,\s]+),\s*(\d+)/.exec(line.trim()));
  return new Map(rows.flatMap((row) => (row === null ? [] : [[row[1] ?? "", Number(row[2]) * 2 ** 20]])));
}

/** Reads `nvidia-smi -L`: a line a GPU, and below it one indented line a MIG part, named after its memory (`1g.6gb`). */
export function parseGpuList(text: string, memory: ReadonlyMap<string, number>): Machine["gpus"] {
  const found: { whole: Machine["gpus"][number]; parts: Machine["gpus"][number][] }[] = [];
  for (const line of text.split("\n")) {
    const whole = /^GPU \d+: (.+) \(UUID: (GPU-[^)]+)\)/.exec(line);
    const part = /^\s+MIG \S*?(\d+)gb\S*\s+Device\s+\d+: \(UUID: (MIG-[^)]+)\)/.exec(line);
    const last = found.at(-1);
    if (whole?.[1] !== undefined && whole[2] !== undefined) {
      const gpu = { id: whole[2], model: whole[1], memoryBytes: memory.get(whole[2]) ?? 0 };
      found.push({ whole: gpu, parts: [] });
    } else if (part?.[2] !== undefined && last !== undefined) {
      last.parts.push({ id: part[2], model: last.whole.model, memoryBytes: Number(part[1]) * 1e9 });
    }
  }
  return found.flatMap(({ whole, parts }) => (parts.length === 0 ? [whole] : parts));
}
