import type { V1Job } from "@kubernetes/client-node";
import { ApiError } from "../../../errors/api-error.ts";
import type { JobSpec } from "../../../queue/model.ts";
import type { CreateRequest } from "../../engine.ts";
import { ClusterError, hasStatus, isAmbiguous } from "../api/cluster-error.ts";
import { paths } from "../api/paths.ts";
import type { EngineContext } from "../context.ts";
import { fetchJob } from "../objects/fetch-job.ts";
import { environmentSecret, heldJob } from "../objects/job-object.ts";
import { namespaceOf } from "../objects/names.ts";
import { type JobView, readJob } from "../objects/read-job.ts";

/**
 * Makes a suspended Job, and what its owner gave beside it. The cap is asked of the user's ledger, the name of the API
 * server, whichever scheduler takes the job. Throws `USER_LIMIT`, `NAME_TAKEN`, `NOT_ALLOWED`, `ENGINE_UNAVAILABLE`.
 */
export async function createHeld(context: EngineContext, request: CreateRequest): Promise<JobSpec> {
  const { spec } = request;
  const known = context.tracker.find(spec.id);
  if (known !== undefined) return known.spec;
  try {
    await enter(context, spec);
    const { job, view } = await makeJob(context, request);
    await giveEnvironment(context, request, job);
    context.tracker.take(job);
    return view.spec;
  } catch (error) {
    if (!isAmbiguous(error)) await context.users.strike(spec.owner, spec.id).catch(() => undefined);
    throw asSubmitError(error, namespaceOf(context.site, spec.owner));
  }
}

async function enter({ users, site }: EngineContext, spec: JobSpec): Promise<void> {
  const cap = site.limits.maxActiveJobsPerUser;
  const inTheWay = await users.enter(spec.owner, spec.id, spec);
  if (inTheWay.length === 0) return;
  const names = inTheWay.map(({ name, flavor }) => `${name} (${flavor})`).join(", ");
  const limit = cap === 1 ? "one active job" : `${cap} active jobs`;
  throw new ApiError(
    "USER_LIMIT",
    `you may have ${limit}, waiting or running, over all flavors; active now: ${names}`,
    {
      hint: `wait for an end, or end one: ${inTheWay.map(({ name }) => `jobman delete -j ${name}`).join(" or ")}`,
    },
  );
}

interface MadeJob {
  readonly job: V1Job;
  readonly view: JobView;
}

async function makeJob(context: EngineContext, request: CreateRequest): Promise<MadeJob> {
  const body = heldJob(request, context);
  const { namespace = "", name = "" } = body.metadata ?? {};
  for (let attempt = 1; ; attempt += 1) {
    try {
      const job = await context.connection.ask<V1Job>("POST", paths.jobs(namespace), { body });
      return { job, view: readJob(job, context) ?? foreign(job) };
    } catch (error) {
      // Made by an earlier request whose answer was lost, or the name is another job's.
      const there =
        isAmbiguous(error) || hasStatus(error, 409) ? await findJob(context, { namespace, name }) : undefined;
      if (there?.view.spec.id === request.spec.id) return there;
      if (there !== undefined) throw nameTaken(request.spec);
      if (!isAmbiguous(error) || attempt > 1) throw error;
    }
  }
}

async function findJob(
  context: EngineContext,
  place: { readonly namespace: string; readonly name: string },
): Promise<MadeJob | undefined> {
  const found = await fetchJob(context, place);
  return found === undefined ? undefined : { job: found.job, view: found.view ?? foreign(found.job) };
}

/** A Job that carries another's labels has its name all the same. */
function foreign(job: V1Job): never {
  const { name = "", namespace = "" } = job.metadata ?? {};
  const taken = `the name ${name} is taken in ${namespace} by a job that is not this queue's`;
  throw new ApiError("NAME_TAKEN", taken, { hint: "choose another name" });
}

function nameTaken({ name }: JobSpec): ApiError {
  return new ApiError("NAME_TAKEN", `your job ${name} already has this name`, {
    hint: `choose another name, or free it: jobman delete -j ${name}`,
  });
}

async function giveEnvironment(context: EngineContext, request: CreateRequest, job: V1Job): Promise<void> {
  const body = environmentSecret(request, job);
  if (body === undefined) return;
  const { namespace = "", name = "", uid = "" } = job.metadata ?? {};
  try {
    await context.connection.ask("POST", paths.secrets(namespace), { body });
  } catch (error) {
    if (hasStatus(error, 409)) return;
    // Without its environment it would run into an error, or into something else.
    const preconditions = { uid };
    await context.connection
      .ask("DELETE", paths.job(namespace, name), { body: { preconditions, propagationPolicy: "Foreground" } })
      .catch((fault: unknown) => context.report(fault));
    throw error;
  }
}

function asSubmitError(error: unknown, namespace: string): unknown {
  if (!(error instanceof ClusterError)) return error;
  const { status, message } = error;
  if (isAmbiguous(error)) {
    return new ApiError(
      "ENGINE_UNAVAILABLE",
      "the cluster gave no answer: what it took is taken back as soon as it does",
      {
        hint: "look whether it is there before you submit it again: jobman list",
        cause: error,
      },
    );
  }
  if (status === 404) {
    return new ApiError("NOT_ALLOWED", `there is no namespace ${namespace} for your jobs`, {
      hint: "the operator makes it: jobman-scheduler user manifests NAME",
      cause: error,
    });
  }
  if (status === 403 || status === 422) {
    return new ApiError("NOT_ALLOWED", `the cluster does not take this job: ${message}`, {
      hint: "nothing was submitted; tell the operator if you do not see why",
      cause: error,
    });
  }
  return error;
}
