import { Agent, request } from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import { userName } from "./bench-site.ts";
import { spread } from "./connect.ts";
import { startSchedulerInPod } from "./scheduler-in-pod.ts";
import { startWorld, tokenOf, type World } from "./world.ts";

const clients = 100;

/** Milliseconds that each of many submissions took, of as many users at once, each with a token and a connection of its own. */
export async function measureSubmits(each: number): Promise<readonly number[]> {
  const world = await startWorld();
  try {
    const scheduler = await startSchedulerInPod(world, await world.account("scheduler"), "submits");
    try {
      const tokens = await Promise.all(Array.from({ length: clients }, (_, index) => tokenFor(world, index)));
      const ca = world.controlPlane.certificateAuthority;
      const ways = tokens.map((token, index) => {
        const agent = new Agent({ ca, keepAlive: true, maxSockets: 1, localAddress: addressOf(index) });
        return { way: { port: scheduler.port, token }, agent };
      });
      await spread(ways, 8, ({ way, agent }) => becomeKnown(way, agent));
      const took = await Promise.all(ways.map(({ way, agent }) => submitInTurn(way, agent, each)));
      return took.flat();
    } finally {
      await scheduler.stop();
    }
  } finally {
    await world.stop();
  }
}

function tokenFor({ controlPlane, site }: World, index: number): Promise<string> {
  const namespace = `user-${userName(index)}`;
  return tokenOf(controlPlane, { namespace, name: "default", audience: site.kubernetes.audience });
}

/** Each from an address of its own, as desktops have it: strangers at one address share one allowance. */
function addressOf(index: number): string {
  return `127.0.1.${1 + index}`;
}

interface Way {
  readonly port: number;
  readonly token: string;
}

async function submitInTurn(way: Way, agent: Agent, count: number): Promise<readonly number[]> {
  const took: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const job = { name: `job-${index}`, arguments: ["python3", "train.py"], image: "ubuntu-python:latest" };
    const began = performance.now();
    const { status, text } = await ask(way, agent, { method: "POST", path: "/v1/jobs", body: job });
    took.push(performance.now() - began);
    if (status !== 201) throw new Error(`a submission was answered with ${status}: ${text}`);
  }
  agent.destroy();
  return took;
}

/** Who comes first is asked about at the API server, and put off while it is busy: that is no part of a submission. */
async function becomeKnown(way: Way, agent: Agent): Promise<void> {
  while ((await ask(way, agent, { method: "GET", path: "/v1/jobs" })).status !== 200) await pause(1000);
}

interface Question {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: object;
}

function ask(
  { port, token }: Way,
  agent: Agent,
  { method, path, body }: Question,
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<typeof ask>>>();
  const sent = request({ host: "127.0.0.1", port, agent, method, path, headers }, (answer) => {
    const parts: string[] = [];
    answer.setEncoding("utf8").on("data", (part: string) => parts.push(part));
    answer.once("end", () => resolve({ status: answer.statusCode, text: parts.join("") }));
  });
  sent.once("error", reject);
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}
