import { Agent, request } from "node:https";
import { userName } from "./bench-site.ts";
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
      const took = await Promise.all(
        tokens.map((token) => submitInTurn({ port: scheduler.port, ca, token }, each)),
      );
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

interface Way {
  readonly port: number;
  readonly ca: string;
  readonly token: string;
}

async function submitInTurn(way: Way, count: number): Promise<readonly number[]> {
  const agent = new Agent({ ca: way.ca, keepAlive: true, maxSockets: 1 });
  const took: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const began = performance.now();
    await submit(way, agent, `job-${index}`);
    took.push(performance.now() - began);
  }
  agent.destroy();
  return took;
}

function submit({ port, token }: Way, agent: Agent, name: string): Promise<void> {
  const text = JSON.stringify({ name, arguments: ["python3", "train.py"], image: "ubuntu-python:latest" });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const sent = request(
    { host: "127.0.0.1", port, agent, method: "POST", path: "/v1/jobs", headers },
    (answer) => {
      const parts: string[] = [];
      answer.setEncoding("utf8").on("data", (part: string) => parts.push(part));
      answer.once("end", () => {
        if (answer.statusCode === 201) resolve();
        else reject(new Error(`a submission was answered with ${answer.statusCode}: ${parts.join("")}`));
      });
    },
  );
  sent.once("error", reject);
  sent.end(text);
  return promise;
}
