import { hasStatus } from "../../../jobman/scheduler/src/platforms/kubernetes/api/cluster-error.ts";
import { paths } from "../../../jobman/scheduler/src/platforms/kubernetes/api/paths.ts";
import { heldJob } from "../../../jobman/scheduler/src/platforms/kubernetes/objects/job-object.ts";
import { makeWaitingSpecs } from "../../../jobman/scheduler/src/testing/waiting-specs.ts";
import { flavorName, userCount, userName } from "./bench-site.ts";
import { connectAs, insist, spread } from "./connect.ts";
import type { World } from "./world.ts";

/** Makes waiting jobs of an instance as the scheduler makes them, in order, each flavor and each user in turn. */
export async function fill(
  { site }: World,
  accountFile: string,
  wanted: { readonly instance: string; readonly jobs: number },
): Promise<void> {
  const { instance, jobs } = wanted;
  const connection = connectAs(accountFile);
  const specs = makeWaitingSpecs(jobs).map((spec, index) => ({
    ...spec,
    name: `${instance}-${index}`,
    owner: userName(index),
    uid: 20_000 + (index % userCount),
    gid: 20_000 + (index % userCount),
    flavor: flavorName(index),
  }));
  await spread(specs, 32, async (spec) => {
    const request = { spec, resources: { cores: 1, memoryBytes: 1e9 }, environment: {} };
    const body = heldJob(request, { site, instance, resourcesAt: "admission" });
    await insist(() =>
      connection.ask("POST", paths.jobs(body.metadata?.namespace), { body }).catch((error: unknown) => {
        if (!hasStatus(error, 409)) throw error;
      }),
    );
  });
  await connection.close();
}
