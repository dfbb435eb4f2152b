import { existsSync } from "node:fs";
import { stateFolders } from "@workstation/site";
import { expect } from "vitest";
import type { LineSink } from "../files/line-sink.ts";
import { schedulerTest } from "../testing/scheduler-test.ts";
import { inState, submit } from "../testing/steps.ts";

/** A platform's own place for lines, in memory. */
function makeSink(name: string) {
  const text = { now: "" };
  const sink: LineSink = {
    name,
    open: async () => ({
      append: async (lines) => {
        text.now += lines;
      },
      replace: async (lines) => {
        text.now = [...lines()].join("");
      },
      reopen: async () => undefined,
      size: () => Buffer.byteLength(text.now),
      close: async () => undefined,
    }),
    read: async function* () {
      yield text.now.split("\n").slice(0, -1);
    },
  };
  return { sink, text };
}

const journal = makeSink("the journal");
const audit = makeSink("the audit");
const swept: boolean[] = [];

const test = schedulerTest({
  sinks: {
    journal: journal.sink,
    audit: audit.sink,
    reserve: { place: "memory", isTouched: async () => false },
    sweepLogs: async (isKnown) => void swept.push(isKnown("nobody's")),
  },
});

test("journal and audit go where the platform keeps them, and a new start reads them there", async ({
  fixture,
  engine,
  alice,
}) => {
  const { id, name } = await submit(alice);
  await inState(alice, name, "running");
  engine.finish(id, 7);
  await inState(alice, name, "failed");
  await fixture.restart(() => engine.vanish(id));
  expect((await alice("GET", `/v1/jobs/${name}`)).body).toMatchObject({ state: "failed", exitCode: 7 });
  expect(audit.text.now).toMatch(/"event":"end"/);
  const files = stateFolders(fixture.state);
  expect([existsSync(files.journal), existsSync(files.audit)]).toEqual([false, false]);
  expect(swept).toEqual([false, false]);
});
