import { UserError } from "@workstation/cli";
import { ask, createContainer, inspectImage } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import type { CreateRequest } from "../../engine.ts";
import { containerNames, findContainers } from "../containers/job-objects.ts";
import type { EngineContext } from "../context.ts";
import { insistOnReadOnly } from "../mounts/read-only.ts";
import { connectionFor } from "../network/user-network.ts";
import { engineCapabilities } from "./daemon-capabilities.ts";
import { jobSettings } from "./job-settings.ts";

/** Makes a job's container, held; does nothing when it is there. Throws what `createContainer` throws. */
export async function createHeld(context: EngineContext, request: CreateRequest): Promise<void> {
  await makeContainer(context, request, undefined);
}

/** Makes the container that gets the GPU `device`. */
export async function createForDevice(
  context: EngineContext,
  request: CreateRequest,
  device: string,
): Promise<void> {
  await makeContainer(context, request, device);
}

async function makeContainer(
  context: EngineContext,
  { spec, resources, environment }: CreateRequest,
  device: string | undefined,
): Promise<void> {
  const name = containerNames(context.instance, spec.id)[device === undefined ? 0 : 1];
  const image = await ask(() => inspectImage(context.docker, spec.image));
  const settings = jobSettings(
    spec,
    { ...resources, ...(device === undefined ? {} : { device }) },
    {
      site: context.site,
      instance: context.instance,
      state: context.state,
      openFilesCeiling: await context.openFilesCeiling(spec.image),
      family: image?.labels[imageLabels.name] !== undefined,
      connection: await connectionFor(context, spec.owner),
      environment,
    },
  );
  await insistOnReadOnly(
    settings.binds,
    async () => (await engineCapabilities(context.docker)).forcesReadOnly,
  );
  context.creating.add(spec.id);
  try {
    const made = await createContainer(context.docker, name, settings);
    if (made === undefined) await insistItIsOurs(context, spec.id, name);
  } finally {
    context.creating.delete(spec.id);
  }
}

async function insistItIsOurs(context: EngineContext, id: string, name: string): Promise<void> {
  const ours = await findContainers(context.docker, context.instance, id);
  if (ours.some((each) => each.name === name)) return;
  throw new UserError(
    "NAME_IN_USE",
    `a container named ${name} is there already, and it is not this scheduler's`,
    {
      hint: `look at it with: docker inspect ${name}; or start the scheduler with another --instance`,
    },
  );
}
