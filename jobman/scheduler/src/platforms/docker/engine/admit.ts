import { UserError } from "@workstation/cli";
import {
  type ContainerState,
  containerEnvironment,
  daemonWords,
  removeContainer,
  startContainer,
  statusOf,
} from "@workstation/docker";
import { containerLabels } from "@workstation/site";
import type { JobSpec } from "../../../queue/model.ts";
import type { Admission, AdmissionRequest } from "../../engine.ts";
import { findContainers } from "../containers/job-objects.ts";
import type { EngineContext } from "../context.ts";
import { claimDevices, releaseDevice } from "../machine/devices.ts";
import { isOpenFilesRefusal } from "../machine/open-files-probe.ts";
import { connectionFor } from "../network/user-network.ts";
import { beginCapture, giveUpCapture } from "../output/capture.ts";
import { createForDevice } from "./create.ts";
import { insistOnUserIds } from "./user-ids.ts";

/** Starts the jobs of one cycle side by side; the answer has an entry for each. */
export async function admitJobs(
  context: EngineContext,
  requests: readonly AdmissionRequest[],
): Promise<ReadonlyMap<string, Admission>> {
  const devices = await claimDevices(context, requests);
  const outcomes = await Promise.all(
    requests.map(async (request) => {
      try {
        return [request.spec.id, await admitJob(context, request, devices.get(request.spec.id))] as const;
      } finally {
        releaseDevice(context, request.spec.id);
      }
    }),
  );
  return new Map(outcomes);
}

async function admitJob(
  context: EngineContext,
  request: AdmissionRequest,
  device: string | undefined,
): Promise<Admission> {
  try {
    insistOnUserIds(request.spec, context.site);
    if (request.gpu === undefined) return await startHeld(context, request.spec);
    if (device === undefined)
      return { outcome: "unknown", message: "every GPU of the flavor is still in use" };
    return await startWithDevice(context, request, device);
  } catch (error) {
    return admissionFault(error);
  }
}

async function startHeld(context: EngineContext, { id, owner }: JobSpec): Promise<Admission> {
  const containers = await findContainers(context.docker, context.instance, id);
  const [held] = containers;
  if (held === undefined) return { outcome: "gone" };
  if (containers.some((each) => !isHeld(each))) return { outcome: "conflict" };
  await connectionFor(context, owner); // a prune takes networks that only held containers use
  return await start(context, id, held);
}

/** The held container gives way only once its successor runs, so that a crash between loses nothing. */
async function startWithDevice(
  context: EngineContext,
  request: AdmissionRequest,
  device: string,
): Promise<Admission> {
  const id = request.spec.id;
  const before = await findContainers(context.docker, context.instance, id);
  if (before.length === 0) return { outcome: "gone" };
  if (before.some((each) => !isHeld(each))) return { outcome: "conflict" };
  const environment = await environmentOf(context, before);
  if (environment === undefined) return { outcome: "gone" };
  const stale = before.filter((each) => (each.labels[containerLabels.device] ?? device) !== device);
  for (const each of stale) await removeContainer(context.docker, each.id);
  await createForDevice(context, { ...request, environment }, device);
  const all = await findContainers(context.docker, context.instance, id);
  const fitted = all.find((each) => each.labels[containerLabels.device] === device);
  if (fitted === undefined) return { outcome: "gone" };
  const admission = await start(context, id, fitted);
  if (admission.outcome === "admitted") {
    for (const each of all) if (each.id !== fitted.id) await removeContainer(context.docker, each.id);
  }
  return admission;
}

/** The held container alone knows what the job's owner gave; a scheduler that was restarted does not. */
async function environmentOf(
  context: EngineContext,
  held: readonly ContainerState[],
): Promise<Readonly<Record<string, string>> | undefined> {
  const found = await Promise.all(held.map(({ id }) => containerEnvironment(context.docker, id)));
  return found.find((each) => each !== undefined);
}

async function start(context: EngineContext, id: string, held: ContainerState): Promise<Admission> {
  // Without this connection the job runs all the same: its output is caught up with from the engine's log.
  await beginCapture(context, id, held.id).catch(context.report);
  const result = await startContainer(context.docker, held.id);
  if (result.outcome !== "started") await giveUpCapture(context, id);
  if (result.outcome === "refused") return { outcome: "failed", message: explained(result.message) };
  return {
    outcome: ({ started: "admitted", unchanged: "conflict", missing: "gone" } as const)[result.outcome],
  };
}

function explained(words: string): string {
  if (!isOpenFilesRefusal(words)) return words;
  return `the engine may not give a job as many open files as limits.openFiles in site.yaml says (${words})`;
}

function isHeld(container: ContainerState): boolean {
  return container.status === "created" && container.startedAt === undefined;
}

/** No answer leaves it open whether the job runs; an answer that refuses is final. */
function admissionFault(error: unknown): Admission {
  const refused =
    statusOf(error) !== undefined || (error instanceof UserError && error.code !== "ENGINE_UNAVAILABLE");
  const message = error instanceof UserError ? error.message : daemonWords(error);
  return { outcome: refused ? "failed" : "unknown", message };
}
