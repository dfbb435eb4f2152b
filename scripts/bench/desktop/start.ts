import { startDesktop, type TestDesktop, waitForPanel } from "@workstation/images/desktop";

/** Milliseconds from the wish to have a desktop. */
export interface StartTimes {
  readonly panel: number;
  readonly healthy: number;
}

/** Starts a desktop, its container made for it, and watches until the panel is seen and its health check is content. */
export async function timeStart(image: string): Promise<StartTimes> {
  const started = performance.now();
  const desktop = await startDesktop({ image });
  try {
    const client = await desktop.connect();
    const [panel, healthy] = await Promise.all([
      waitForPanel(client).then(() => performance.now() - started),
      waitUntilHealthy(desktop).then(() => performance.now() - started),
    ]);
    return { panel, healthy };
  } finally {
    await desktop.remove();
  }
}

async function waitUntilHealthy(desktop: TestDesktop): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const { exitCode, stdout } = await desktop.shell("workstation-health");
    if (exitCode === 0) return;
    if (performance.now() > deadline) throw new Error(`the desktop did not become healthy: ${stdout}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What a desktop that nobody looks at takes: of one core in per cent, and of memory in bytes without the page cache. */
export async function measureIdle(
  desktop: TestDesktop,
  seconds: number,
): Promise<{ readonly cpu: number; readonly memory: number }> {
  const before = await usage(desktop);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const after = await usage(desktop);
  const used = after.cpuSeconds - before.cpuSeconds;
  return { cpu: (100 * used) / (after.atSeconds - before.atSeconds), memory: after.memory };
}

interface Usage {
  readonly atSeconds: number;
  readonly cpuSeconds: number;
  readonly memory: number;
}

/** As the container's own control group says, of either version. */
async function usage(desktop: TestDesktop): Promise<Usage> {
  const { stdout } = await desktop.shell(`cd /sys/fs/cgroup
    if [ -e cpu.stat ]; then
      awk '/^usage_usec/ {print $2 / 1e6}' cpu.stat; cat memory.current; awk '/^inactive_file/ {print $2}' memory.stat
    else
      awk '{print $1 / 1e9}' cpuacct/cpuacct.usage; cat memory/memory.usage_in_bytes
      awk '/^total_inactive_file/ {print $2}' memory/memory.stat
    fi`);
  const [cpuSeconds = Number.NaN, all = Number.NaN, cache = Number.NaN] = stdout
    .trim()
    .split("\n")
    .map(Number);
  return { atSeconds: performance.now() / 1000, cpuSeconds, memory: all - cache };
}
