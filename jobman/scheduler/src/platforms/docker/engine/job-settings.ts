import { type ContainerSettings, containerSettings } from "@workstation/docker";
import { containerProfile, type Site } from "@workstation/site";
import type { JobSpec } from "../../../queue/model.ts";
import type { SlotResources } from "../../engine.ts";
import { jobLabels, volumeLabels } from "../containers/job-objects.ts";
import type { Connection } from "../network/user-network.ts";
import { insistOnUserIds } from "./user-ids.ts";

/** What a job's container depends on besides the job itself. */
export interface JobSurroundings {
  readonly site: Site;
  readonly instance: string;
  /** The state folder, where homes and datasets lie. */
  readonly state: string;
  /** What the engine can allow at most. */
  readonly openFilesCeiling: number;
  /** True for an image with our entrypoint; others run as they are. */
  readonly family: boolean;
  readonly connection: Connection;
  /** What the job's owner gave. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The site's profile of a job, as this engine's container. Throws `ID_NOT_ALLOWED`. */
export function jobSettings(
  spec: JobSpec,
  resources: SlotResources & { readonly device?: string },
  around: JobSurroundings,
): ContainerSettings {
  insistOnUserIds(spec, around.site);
  const profile = containerProfile(around.site, {
    kind: "job",
    size: resources,
    ids: spec,
    owner: spec.owner,
    datasets: spec.datasets,
    home: around.family ? "image" : "memory",
    job: spec,
    environment: around.environment,
    openFilesCeiling: around.openFilesCeiling,
  });
  return containerSettings(profile, {
    image: spec.image,
    ...argv(spec, around.family),
    labels: jobLabels(around.instance, spec, resources.device),
    scratchLabels: volumeLabels(around.instance, spec),
    places: { state: around.state },
    connection: around.connection,
    gpus: resources.device === undefined ? [] : [resources.device],
  });
}

/** Without our entrypoint, `-c` replaces the image's own, as Kubernetes' `command` does. */
function argv(spec: JobSpec, family: boolean): Pick<ContainerSettings, "entrypoint" | "command"> {
  if (spec.arguments.length === 0) return {};
  if (spec.exact && !family) return { entrypoint: spec.arguments, command: [] };
  return { command: spec.arguments };
}
