import { exitCodes, UserError } from "@workstation/cli";
import { adminSocket } from "@workstation/site";
import { readAddress } from "../platforms/address.ts";
import { adminRoutes, type SchedulerStatus, statusSchema } from "../status/admin-protocol.ts";
import { type PlaceOptions, placesOf } from "./options.ts";
import { type Door, sendThrough } from "./socket-request.ts";

/** Asks the running scheduler through the operator's socket. Throws `SCHEDULER_NOT_RUNNING`, or what it answers. */
export function askScheduler(run: string, method: Method, path: string): Promise<unknown> {
  const { socket } = adminSocket(run);
  return ask({ socketPath: socket }, { method, path, name: socket });
}

type Method = "GET" | "POST" | "DELETE";

async function ask(
  door: Door,
  question: { readonly method: Method; readonly path: string; readonly name: string },
): Promise<unknown> {
  const { method, path, name } = question;
  const { status, text } = await sendThrough(door, { method, path }).catch((error) => {
    throw notRunning(name, error);
  });
  const body: unknown = JSON.parse(text);
  if (status < 400) return body;
  const { code, message, hint } = body as {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
  };
  throw new UserError(code, message, hint === undefined ? {} : { hint });
}

/** The status of the scheduler that serves `run`; `undefined` when none does. */
export async function findScheduler(run: string): Promise<SchedulerStatus | undefined> {
  try {
    return statusSchema.parse(await askScheduler(run, "GET", adminRoutes.status));
  } catch (error) {
    if (error instanceof UserError && error.code === "SCHEDULER_NOT_RUNNING") return undefined;
    throw error;
  }
}

/** The status of the scheduler that serves these places. Throws `SCHEDULER_NOT_RUNNING`, also when it is another instance's. */
export async function askStatus(
  options: PlaceOptions & { readonly operator?: string },
): Promise<SchedulerStatus> {
  if (options.operator !== undefined) return askStatusAt(options.operator);
  const { run } = placesOf(options);
  const status = statusSchema.parse(await askScheduler(run, "GET", adminRoutes.status));
  if (options.instance === undefined || options.instance === status.instance) return status;
  throw new UserError(
    "SCHEDULER_NOT_RUNNING",
    `the scheduler that serves ${run} is instance "${status.instance}", not "${options.instance}"`,
    { hint: "name its folder with --run", exitCode: exitCodes.unavailable },
  );
}

/** Of a scheduler on a cluster, through a forwarded port. */
async function askStatusAt(address: string): Promise<SchedulerStatus> {
  const door = readAddress("--operator", address);
  const question = { method: "GET", path: adminRoutes.status, name: address } as const;
  return statusSchema.parse(await ask(door, question));
}

function notRunning(socket: string, cause: NodeJS.ErrnoException): UserError {
  const why =
    cause.code === "EACCES" ? "this account may not use it" : `no scheduler answers (${cause.code})`;
  return new UserError("SCHEDULER_NOT_RUNNING", `${socket}: ${why}`, {
    hint: "start one with: npm run scheduler -- serve --engine docker; or name its folder with --run",
    exitCode: exitCodes.unavailable,
    cause,
  });
}
