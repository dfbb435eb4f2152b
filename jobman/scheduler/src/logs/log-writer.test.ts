import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createLogStore } from "./log-store.ts";
import { beginning, segmentName } from "./position.ts";

const moments = Array.from({ length: 20 }, (_, index) => index);

test.each(moments)(
  "what is handed over %i moments after a round of writing began is in the log, or said to be gone",
  async (moment) => {
    const folder = await mkdtemp(join(tmpdir(), "workstation-logs-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const store = createLogStore({ folder, keptBytes: 100e6, now: Date.now, report: () => undefined });
    const writer = await store.write("job");
    // For a while after the disk took nothing, a round ends without waiting for it.
    const obstacle = join(folder, "job", segmentName(beginning));
    await mkdir(obstacle);
    await writer.write("stdout", Buffer.from("refused\n"), 1);
    await writer.flush();
    await rm(obstacle, { recursive: true });
    await writer.write("stdout", Buffer.from("one\n"), 2);
    for (let each = 0; each < moment; each += 1) await Promise.resolve();
    void writer.write("stdout", Buffer.from("two\n"), 3);
    await writer.close({ complete: true });
    const entries = await Array.fromAsync(
      store.read("job", { follow: false, signal: AbortSignal.timeout(20_000) }),
    );
    expect(entries).toMatchObject([{ gone: { bytes: 16, lines: 3 } }]);
  },
);
