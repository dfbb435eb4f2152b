import { exitCodes, printable, UserError } from "@workstation/cli";
import { type DockerConnection, ensureVolume } from "@workstation/docker";
import { containerLabels } from "@workstation/site";
import type { StateOwner } from "./state-instance.ts";

/**
 * Claims an instance on an engine for one state folder: two folders would each take the other's jobs for strangers. The
 * claim is an empty volume of the engine, which nobody but who may use the engine can touch; it stays when the scheduler
 * ends, because the folder stays. Safe to repeat, also where somebody pruned it. Throws `INSTANCE_CLAIMED`.
 */
export async function claimInstance(docker: DockerConnection, owner: StateOwner): Promise<void> {
  const name = `${owner.instance}-scheduler`;
  const { labels } = await ensureVolume(docker, name, {
    [containerLabels.instance]: owner.instance,
    [containerLabels.kind]: "scheduler",
    [containerLabels.id]: owner.id,
    [containerLabels.state]: owner.place,
  });
  if (!isOurs(labels, owner)) throw claimed(owner.instance, name, labels[containerLabels.state]);
}

/** A folder that was emptied has another id, one that was moved another place; whoever is at a place has its lock. */
function isOurs(labels: Readonly<Record<string, string>>, { instance, id, place }: StateOwner): boolean {
  if (labels[containerLabels.instance] !== instance) return false;
  return labels[containerLabels.id] === id || labels[containerLabels.state] === place;
}

function claimed(instance: string, name: string, place: string | undefined): UserError {
  const whose = place === undefined ? "another state folder" : `the state folder ${printable(place)}`;
  return new UserError(
    "INSTANCE_CLAIMED",
    `instance ${JSON.stringify(instance)} of this engine belongs to ${whose}`,
    {
      hint: `start it with that folder (--state), or choose another --instance; if that folder is gone for good: docker volume rm ${name}`,
      exitCode: exitCodes.unavailable,
    },
  );
}
