import { formatBytes } from "@workstation/cli";
import { noBrowser } from "@workstation/images/browser";
import { startDesktop, type VncAddress, waitForDesktop } from "@workstation/images/desktop";
import { desktopImage } from "../setup/desktop-image.ts";
import type { StartContext } from "../start/context.ts";
import { delayedWay } from "./desktop/delay-proxy.ts";
import { emptyRow, keystrokesInBrowser, keystrokesOverVnc } from "./desktop/keystrokes.ts";
import { measureIdle, timeStart } from "./desktop/start.ts";
import { type BenchRow, median } from "./row.ts";

const starts = 5;
const mostKeystrokeMs = 60;
/** A session goes on working for a while after it is seen; that is its start, not its idleness. */
const settleMs = 30_000;
const alone = { reference: "", ratio: "" };
const notMeasured = { what: "desktop", ours: "not measured", ...alone, target: "", met: false };

/** A desktop as a person meets it: how soon it is seen, how soon a key is answered, what it takes when nobody looks. */
export async function* benchDesktop({ site }: StartContext): AsyncIterable<BenchRow> {
  const image = await desktopImage(site.registry.prefix);
  if (image === undefined) {
    yield { ...notMeasured, note: "there is no desktop image on this machine: npm run images -- build" };
    return;
  }
  yield* startRows(image);
  const desktop = await startDesktop({ image });
  try {
    const client = await desktop.connect();
    await waitForDesktop(client);
    client.close();
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    yield* idleRows(await measureIdle(desktop, 60));
    const typist = await desktop.connect();
    const row = await emptyRow(typist);
    typist.close();
    for (const addedMs of [0, 20]) yield* keystrokeRows(desktop.vnc, row, addedMs);
  } finally {
    await desktop.remove();
  }
}

async function* startRows(image: string): AsyncIterable<BenchRow> {
  const times = [];
  for (let round = -1; round < starts; round += 1) {
    const time = await timeStart(image);
    if (round >= 0) times.push(time);
  }
  const rows = [
    ["the panel is seen over VNC", median(times.map(({ panel }) => panel)), 3000],
    ["its health check is content", median(times.map(({ healthy }) => healthy)), 5000],
  ] as const;
  for (const [what, ms, most] of rows) {
    yield {
      what: `desktop: start until ${what}`,
      ours: `${(ms / 1000).toFixed(2)} s`,
      ...alone,
      target: `≤ ${most / 1000} s`,
      met: ms <= most,
      note: "the machine was busy, or a part of the session became slower",
    };
  }
}

function* idleRows(idle: { readonly cpu: number; readonly memory: number }): Iterable<BenchRow> {
  const note = "a part of the session works while nobody looks";
  const most = { cpu: 0.5, memory: 100e6 };
  yield {
    what: "desktop, idle: of one core",
    ours: `${idle.cpu.toFixed(2)} %`,
    ...alone,
    target: `≤ ${most.cpu} %`,
    met: idle.cpu <= most.cpu,
    note,
  };
  yield {
    what: "desktop, idle: memory",
    ours: formatBytes(idle.memory),
    ...alone,
    target: `≤ ${formatBytes(most.memory)}`,
    met: idle.memory <= most.memory,
    note,
  };
}

async function* keystrokeRows(
  vnc: VncAddress,
  row: Parameters<typeof keystrokesOverVnc>[1],
  addedMs: number,
): AsyncIterable<BenchRow> {
  const way = await delayedWay(vnc, addedMs);
  const suffix = `${addedMs} ms added round trip`;
  try {
    yield keystrokeRow(
      `keystroke → pixel over VNC, ${suffix}`,
      await keystrokesOverVnc(way.address, row),
      addedMs,
    );
    if (noBrowser !== undefined) return;
    const seen = await keystrokesInBrowser(way.address, row);
    yield keystrokeRow(`keystroke → pixel in the browser (\`--web\`), ${suffix}`, seen, addedMs);
  } finally {
    await way.close();
  }
}

function keystrokeRow(what: string, times: readonly number[], addedMs: number): BenchRow {
  const p95 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Number.NaN;
  const most = mostKeystrokeMs + addedMs;
  return {
    what,
    ours: `${median(times).toFixed(1)} ms p50, ${p95.toFixed(1)} ms p95`,
    ...alone,
    target: `p95 ≤ ${most} ms`,
    met: p95 <= most,
    note: "on a busy machine the program in the terminal, the server and the browser wait for each other's core",
  };
}
