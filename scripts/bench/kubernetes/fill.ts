import { paths } from "../../../jobman/scheduler/src/platforms/kubernetes/api/paths.ts";
import { heldJob } from "../../../jobman/scheduler/src/platforms/kubernetes/objects/job-object.ts";
import { makeWaitingSpecs } from "../../../jobman/scheduler/src/testing/waiting-specs.ts";
import { flavorName, userCount, userName } from "./bench-site.ts";
import { connectAs, insist, spread } from "./connect.ts";
import type { World } from "./world.ts";

/** Names the queue of a job that Kueue lets go. */
const kueueLabel = "kueue.x-k8s.io/queue-name";

/**
 * Makes waiting jobs of an instance as the scheduler makes them, in order, each flavor and each user in turn. Those
 * for Kueue are all one user's, and say what they need from the beginning.
 */
export async function fill(
  { site }: World,
  accountFile: string,
  wanted: { readonly instance: string; readonly jobs: number; readonly forKueue?: true },
): Promise<void> {
  const { instance, jobs, forKueue } = wanted;
  const connection = connectAs(accountFile);
  const specs = makeWaitingSpecs(jobs).map((spec, index) => ({
    ...spec,
    name: `${instance}-${index}`,
    owner: userName(forKueue ? 0 : index),
    uid: 20_000 + (index % userCount),
    gid: 20_000 + (index % userCount),
    flavor: flavorName(index),
  }));
  await spread(specs, 32, async (spec) => {
    const request = { spec, resources: { cores: 1, memoryBytes: 1e9 }, environment: {} };
    const body = heldJob(request, { site, instance, resourcesAt: forKueue ? "creation" : "admission" });
    if (forKueue) Object.assign(body.metadata?.labels ?? {}, { [kueueLabel]: spec.flavor });
    await insist(() => connection.ask("POST", paths.jobs(body.metadata?.namespace), { body }));
  });
  await connection.close();
}
