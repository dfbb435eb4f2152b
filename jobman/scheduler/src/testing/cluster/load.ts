import { setTimeout as pause } from "node:timers/promises";
import { isActive } from "../../platforms/kubernetes/testing/moments.ts";
import { type ClusterWorld, owners } from "./cluster-world.ts";
import { askReplica, type Replica } from "./replica.ts";

/** Users who submit, and now and then take a job back, for as long as they are let. */
export interface Load {
  /** Resolves when the last request was answered, or lost. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  /** Whom the next request goes to. */
  readonly to: () => Pick<Replica, "address">;
  readonly random: () => number;
  /** How many jobs are to be there at once. */
  readonly depth?: number;
}

export function startLoad(world: ClusterWorld, options: LoadOptions): Load {
  const { to, random, depth = 12 } = options;
  const going = { on: true };
  const ended = (async () => {
    while (going.on) {
      await pause(10 + random() * 20);
      if (depthNow(world) < depth) await submitOne(world, to(), random);
      // Nobody waits for it: that may take as long as the job's grace.
      else if (random() < 0.15) void takeOneBack(world, to(), random);
    }
  })();
  return {
    stop: async () => {
      going.on = false;
      await ended;
    },
  };
}

function depthNow({ history }: ClusterWorld): number {
  const active = new Map<string, boolean>();
  for (const { kind, object, gone } of history.events()) {
    if (kind === "job") active.set(object.metadata?.uid ?? "", !gone && isActive(object));
  }
  return [...active.values()].filter(Boolean).length;
}

async function submitOne(world: ClusterWorld, to: Pick<Replica, "address">, random: () => number) {
  await world.submit(to, {
    owner: pick(owners, random),
    flavor: random() < 0.3 ? "narrow" : "wide",
    milliseconds: random() < 0.1 ? 5000 : random() * 300,
    exitCode: random() < 0.2 ? 3 : 0,
    environment: random() < 0.2 ? { TOKEN: "secret" } : {},
  });
}

async function takeOneBack(world: ClusterWorld, to: Pick<Replica, "address">, random: () => number) {
  const owner = pick(owners, random);
  const name = pick([...world.accepted], random);
  await askReplica(to, owner, { method: "DELETE", path: `/v1/jobs/${name}` });
}

function pick<T>(from: readonly [T, ...T[]] | readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)] as T;
}
