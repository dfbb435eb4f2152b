import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "@workstation/cli";
import { adminSocket } from "@workstation/site";
import { createMetrics } from "../metrics/metrics.ts";
import { createDoor } from "../platforms/docker/sockets/door.ts";
import { emptyStaging, makeSocketFolder } from "../platforms/docker/sockets/listen.ts";
import { createTurns } from "../platforms/docker/sockets/turns.ts";
import { createUserSockets, type UserSockets } from "../platforms/docker/sockets/user-sockets.ts";
import { openUserRegistry, type UserRegistry } from "../platforms/docker/users/registry.ts";
import type { SchedulerOptions } from "../scheduler.ts";
import { makeStatus } from "../status/make-status.ts";
import { createAdminApp } from "./admin-app.ts";
import type { Identities } from "./identity.ts";
import { createGuard } from "./limits/guard.ts";
import { limits } from "./limits/limits.ts";
import type { Services } from "./services.ts";
import { createUserApp } from "./user-app.ts";

/** The sockets through which a scheduler is reached. */
export interface Doors {
  readonly stopAsked: Promise<void>;
  close(): Promise<void>;
}

type ServiceMaker = (users: Pick<UserRegistry, "get">) => {
  readonly services: Services;
  readonly identities: Identities;
};

const checkEveryMs = 5000;
const rescanEveryMs = 15_000;

/** Opens the operator's socket and one a user. The operator's comes last: when it answers, everything does. */
export async function openDoors(options: SchedulerOptions, makeServices: ServiceMaker): Promise<Doors> {
  const { staging, makeFolders } = runFolders(options);
  await makeFolders();
  await emptyStaging(staging);
  const users: { registry?: UserRegistry } = {};
  const { services, identities } = makeServices({ get: (name) => users.registry?.get(name) });
  const userApp = createUserApp(services, options.logger);
  await userApp.ready();
  const guard = createGuard(() => performance.now());
  const sockets = createUserSockets({
    run: options.places.run,
    staging,
    makeFolders,
    giveAway: options.ownUid === 0,
    handlerFor: (user) => guard.listenerFor(identities.listenerFor(user, userApp.routing)),
    turns: createTurns({ longMs: limits.longTurnMs, restFactor: limits.restFactor }),
    onError: (message) => services.core.faults.note("socket", message),
    checkEveryMs,
  });
  const registry = await openUserRegistry({
    state: options.places.state,
    reader: { ownUid: options.ownUid, lowestId: options.site.limits.lowestId },
    rescanEveryMs,
    onChange: sockets.follow,
  });
  users.registry = registry;
  const admin = await openAdminDoor(options, { services, staging, makeFolders, registry, sockets });
  return {
    stopAsked: admin.stopAsked,
    close: async () => {
      registry.close();
      await admin.close();
      await sockets.close();
      await userApp.close();
    },
  };
}

async function openAdminDoor(
  options: SchedulerOptions,
  parts: {
    readonly services: Services;
    readonly staging: string;
    readonly makeFolders: () => Promise<void>;
    readonly registry: UserRegistry;
    readonly sockets: UserSockets;
  },
) {
  const { services, registry, sockets } = parts;
  const { core, presenter } = services;
  const { promise: stopAsked, resolve: stop } = Promise.withResolvers<void>();
  const facts = { ...options.places, ...factsOf(options) };
  const app = createAdminApp(services, {
    logger: options.logger,
    status: () => makeStatus(facts, { core, presenter, users: registry, hasSocket: sockets.has }),
    metrics: createMetrics(core),
    rescanUsers: registry.rescan,
    stop,
  });
  await app.ready();
  const door = createDoor({
    ...adminSocket(options.places.run),
    staging: parts.staging,
    makeFolders: parts.makeFolders,
    owner: undefined,
    handler: app.routing,
    onError: (error) => core.faults.note("socket", error),
  });
  await door.open();
  const timer = setInterval(door.check, checkEveryMs);
  timer.unref();
  const close = async (): Promise<void> => {
    clearInterval(timer);
    await door.close();
  };
  return { stopAsked, close };
}

function factsOf(options: SchedulerOptions) {
  const { version, instance, machine } = options;
  return {
    version,
    instance,
    machine,
    engine: options.engineKind,
    pid: process.pid,
    startedAt: options.now(),
  };
}

/** The folders that all sockets share, and the way to make those that are missing. */
function runFolders({ places: { run }, ownUid }: SchedulerOptions) {
  const mode = ownUid === 0 ? 0o755 : 0o700;
  const staging = join(run, "staging");
  const makeFolders = async (): Promise<void> => {
    await makeSocketFolder(run, { mode, owner: undefined, check: () => refuseForeign(run, ownUid) });
    await makeSocketFolder(join(run, "users"), { mode, owner: undefined });
    await makeSocketFolder(staging, { mode: 0o700, owner: undefined });
  };
  return { staging, makeFolders };
}

// In a folder like /tmp somebody else may have made it first, to get hold of the sockets.
async function refuseForeign(run: string, ownUid: number): Promise<void> {
  const found = await lstat(run);
  if (found.isDirectory() && found.uid === ownUid) return;
  throw new UserError("RUN_FOLDER_FOREIGN", `${run} is not a folder of uid ${ownUid}`, {
    hint: "remove it, or name another with --run",
  });
}
