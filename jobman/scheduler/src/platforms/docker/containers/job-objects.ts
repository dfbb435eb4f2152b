import { type ContainerState, type DockerConnection, inspectContainer } from "@workstation/docker";
import { containerLabels } from "@workstation/site";
import { z } from "zod";
import { jobSpecSchema } from "../../../queue/job-spec-schema.ts";
import type { JobSpec } from "../../../queue/model.ts";

/** The label that every object of an instance carries; nothing without it is ever touched. */
export function instanceLabel(instance: string): string {
  return `${containerLabels.instance}=${instance}`;
}

/** What the engine remembers of a job: enough to take the queue up again after any crash. */
export function jobLabels(
  instance: string,
  spec: JobSpec,
  device: string | undefined,
): Readonly<Record<string, string>> {
  return {
    ...volumeLabels(instance, spec),
    [containerLabels.flavor]: spec.flavor,
    [containerLabels.sequence]: String(spec.sequence),
    [containerLabels.spec]: JSON.stringify(spec),
    ...(device === undefined ? {} : { [containerLabels.device]: device }),
  };
}

/** Whose a job's volume is, and no more: a volume can outlive its job. */
export function volumeLabels(
  instance: string,
  spec: Pick<JobSpec, "id" | "owner">,
): Readonly<Record<string, string>> {
  return {
    [containerLabels.instance]: instance,
    [containerLabels.kind]: "job",
    [containerLabels.id]: spec.id,
    [containerLabels.owner]: spec.owner,
  };
}

/** The job of an object's labels; undefined for what is no job of this instance. */
export function jobIdOf(labels: Readonly<Record<string, string>>, instance: string): string | undefined {
  if (labels[containerLabels.instance] !== instance || labels[containerLabels.kind] !== "job")
    return undefined;
  return labels[containerLabels.id];
}

/** The specification in an object's labels; undefined when somebody else wrote something there. */
export function specOf(labels: Readonly<Record<string, string>>): JobSpec | undefined {
  const parsed = specLabel.safeParse(labels[containerLabels.spec] ?? "");
  return parsed.success && parsed.data.id === labels[containerLabels.id] ? parsed.data : undefined;
}

/**
 * The names that a job's containers can have. The second is the one that was made at the start, because a GPU is
 * chosen only then and the engine cannot add one to the first.
 */
export function containerNames(instance: string, id: string): readonly [string, string] {
  if (!/^[A-Za-z0-9-]{1,128}$/.test(id)) throw new Error(`${JSON.stringify(id)} cannot name a container`);
  return [`${instance}-job-${id}`, `${instance}-job-${id}.gpu`];
}

/** A job's containers, by a fresh look and only those that are ours. */
export async function findContainers(
  docker: DockerConnection,
  instance: string,
  id: string,
): Promise<readonly ContainerState[]> {
  const names = containerNames(instance, id);
  const found = await Promise.all(names.map((name) => inspectContainer(docker, name)));
  return found.filter((each) => each !== undefined).filter((each) => jobIdOf(each.labels, instance) === id);
}

const specLabel = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "is no JSON" });
      return z.NEVER;
    }
  })
  .pipe(jobSpecSchema);
