import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { DockerConnection } from "@workstation/docker";
import { containerLabels } from "@workstation/site";

/** When a container ran, in milliseconds of the engine's clock. */
export interface Run {
  readonly owner: string;
  readonly flavor: string;
  readonly from: number;
  /** Absent while it runs. */
  readonly to?: number;
}

/** Somebody who is told by the engine itself of every start and end, also of containers that go at once. */
export interface RunWitness {
  readonly runs: ReadonlyMap<string, Run>;
  stop(): void;
}

interface Message {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly timeNano: number;
}

/** Watches the containers of an instance from now on. */
export async function watchRuns(docker: DockerConnection, instance: string): Promise<RunWitness> {
  const label = [`${containerLabels.instance}=${instance}`];
  const asked = docker.getEvents({ filters: { type: ["container"], event: ["start", "die"], label } });
  const stream = (await asked) as unknown as Readable;
  const runs = new Map<string, Run>();
  createInterface({ input: stream }).on("line", (line) => note(runs, JSON.parse(line)));
  return { runs, stop: () => void stream.destroy() };
}

function note(runs: Map<string, Run>, { Action, Actor, timeNano }: Message): void {
  const at = timeNano / 1e6;
  const known = runs.get(Actor.ID);
  if (Action === "die" && known !== undefined) runs.set(Actor.ID, { ...known, to: at });
  if (Action !== "start") return;
  const { [containerLabels.owner]: owner = "", [containerLabels.flavor]: flavor = "" } = Actor.Attributes;
  // A container is started once: a second start stands as a run of its own.
  runs.set(known === undefined ? Actor.ID : `${Actor.ID} again`, { owner, flavor, from: at });
}
