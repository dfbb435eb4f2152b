import { randomUUID } from "node:crypto";
import {
  type DockerConnection,
  daemonTime,
  inspectContainer,
  listContainers,
  startContainer,
  subscribeToContainers,
} from "@workstation/docker";
import { containerLabels } from "@workstation/site";
import { makeDockerFixture } from "../../jobman/scheduler/src/platforms/testing/docker-fixture.ts";
import { makeSchedulerProcess } from "../../jobman/scheduler/src/testing/scheduler-process.ts";
import { until } from "../../jobman/scheduler/src/testing/until.ts";
import { type BenchRow, median } from "./row.ts";

const jobs = 15;
const atMost = 1.3;
const user = "bench";

/** One slot that changes hands, against a bare loop that starts the next container when the engine says that one died. */
export async function benchHandOver(): Promise<BenchRow> {
  const first = await bareGaps();
  const ours = await schedulerGaps();
  const reference = [...first, ...(await bareGaps())];
  const ratio = median(ours) / median(reference);
  return {
    what: "one slot changing hands: the end of a job to the start of the next",
    ours: `${median(ours).toFixed(0)} ms`,
    reference: `${median(reference).toFixed(0)} ms (a bare stop event and start)`,
    ratio: `${ratio.toFixed(2)} ×`,
    target: `≤ ${atMost} ×`,
    met: ratio <= atMost,
    note: "work between the event and the start",
  };
}

interface EndedJob {
  readonly startedAt: string;
  readonly endedAt: string;
}

/** Milliseconds between the end of each job and the start of the next, by the engine's clock. */
async function schedulerGaps(): Promise<readonly number[]> {
  const site = (text: string): string =>
    text.replace("maxActiveJobsPerUser: 1", `maxActiveJobsPerUser: ${jobs}`);
  const scheduler = await makeSchedulerProcess({ site });
  try {
    await scheduler.addUsers([user]);
    await scheduler.start();
    const as = scheduler.as(user);
    for (let index = 0; index < jobs; index += 1) {
      await as("POST", "/v1/jobs", {
        arguments: ["/bin/true"],
        flavor: "long",
        name: `job-${index}`,
        exact: true,
      });
    }
    const look = async (): Promise<readonly EndedJob[] | undefined> => {
      const { body } = await as("GET", "/v1/jobs?state=ended");
      const list = body.jobs as readonly EndedJob[];
      return list.length === jobs ? list : undefined;
    };
    const ended = await until("all jobs have ended", look, 120_000);
    return gaps(
      ended.map((job) => ({ startedAt: Date.parse(job.startedAt), endedAt: Date.parse(job.endedAt) })),
    );
  } finally {
    await scheduler.dispose();
  }
}

/** The same containers, made by our own engine, and started by nothing but a loop over the engine's events. */
async function bareGaps(): Promise<readonly number[]> {
  const fixture = await makeDockerFixture();
  const label = `${containerLabels.instance}=${fixture.instance}`;
  try {
    for (let index = 0; index < jobs; index += 1) {
      await fixture.engine.create(fixture.request({ id: randomUUID(), arguments: ["/bin/true"] }));
    }
    const ids = (await listContainers(fixture.docker, label)).map((row) => row.id);
    await startInTurn(fixture.docker, label, ids);
    const states = await Promise.all(ids.map((id) => inspectContainer(fixture.docker, id)));
    return gaps(
      states.map((state) => ({ startedAt: state?.startedAt ?? 0, endedAt: state?.finishedAt ?? 0 })),
    );
  } finally {
    await fixture.dispose();
  }
}

async function startInTurn(docker: DockerConnection, label: string, ids: readonly string[]): Promise<void> {
  const stop = new AbortController();
  const filter = { label, sinceSeconds: await daemonTime(docker) };
  const events = await subscribeToContainers(docker, filter, stop.signal);
  const waiting = [...ids];
  await startContainer(docker, waiting.shift() ?? "");
  for await (const event of events) {
    if (event.action !== "die") continue;
    const next = waiting.shift();
    if (next === undefined) break;
    await startContainer(docker, next);
  }
}

function gaps(runs: readonly { readonly startedAt: number; readonly endedAt: number }[]): readonly number[] {
  const inOrder = [...runs].sort((a, b) => a.startedAt - b.startedAt);
  return inOrder.slice(1).map((each, index) => each.startedAt - (inOrder[index]?.endedAt ?? Number.NaN));
}
