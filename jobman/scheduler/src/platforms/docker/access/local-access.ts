import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { adminSocket, type Places, type Site } from "@workstation/site";
import type { ProblemBoard } from "../../../diagnostics/problems.ts";
import { ApiError } from "../../../errors/api-error.ts";
import { createTurns } from "../../connections/turns.ts";
import type { Apps, Listeners, PlatformReport } from "../../platform.ts";
import type { User } from "../../user.ts";
import { createDoor } from "../sockets/door.ts";
import { emptyStaging } from "../sockets/listen.ts";
import { createUserSockets, type UserSockets } from "../sockets/user-sockets.ts";
import { openUserRegistry, type UserRegistry } from "../users/registry.ts";
import { type RunFolders, runFolders } from "./run-folders.ts";

/** Who reaches a scheduler on its machine: each user through a socket of their own, by which they are known. */
export interface LocalAccess {
  authenticate(request: IncomingMessage): Promise<User>;
  listen(apps: Apps): Promise<Listeners>;
  rescan(): Promise<void>;
  report(): Pick<PlatformReport, "users">;
}

export interface LocalAccessOptions {
  readonly site: Pick<Site, "limits">;
  readonly places: Places;
  readonly ownUid: number;
  /** Has the users that cannot be served. */
  readonly problems: Pick<ProblemBoard, "set">;
}

const checkEveryMs = 5000;
const rescanEveryMs = 15_000;

export function createLocalAccess(options: LocalAccessOptions): LocalAccess {
  const askers = new WeakMap<IncomingMessage, string>();
  const opened: { registry?: UserRegistry; sockets?: UserSockets } = {};
  return {
    authenticate: async (request) => {
      // As known now, so that a grant holds from the next request on.
      const user = opened.registry?.get(askers.get(request) ?? "");
      if (user !== undefined) return user;
      throw new ApiError("NOT_ALLOWED", "you are not a user of this scheduler", {
        hint: "the operator adds users with: npm run scheduler -- user add NAME",
      });
    },
    listen: async (apps) => {
      const folders = runFolders(options);
      await folders.make();
      await emptyStaging(folders.staging);
      const handlerFor = (user: string) => remembering(askers, { user, next: apps.forUser() });
      const sockets = createSockets(options, { apps, folders, handlerFor });
      const registry = await openRegistry(options, sockets);
      Object.assign(opened, { sockets, registry });
      const admin = await openAdminDoor(options, { apps, folders });
      return {
        close: async () => {
          registry.close();
          await admin.close();
          await sockets.close();
        },
      };
    },
    rescan: async () => opened.registry?.rescan(),
    report: () => ({
      users: (opened.registry?.all() ?? []).map(({ name, uid }) => ({
        name,
        uid,
        socket: opened.sockets?.isOpen(name) ?? false,
      })),
    }),
  };
}

function remembering(
  askers: WeakMap<IncomingMessage, string>,
  { user, next }: { readonly user: string; readonly next: RequestListener },
): RequestListener {
  return (request: IncomingMessage, response: ServerResponse<IncomingMessage>) => {
    askers.set(request, user);
    next(request, response as never);
  };
}

function createSockets(
  { places, ownUid }: LocalAccessOptions,
  parts: {
    readonly apps: Apps;
    readonly folders: RunFolders;
    readonly handlerFor: (user: string) => RequestListener;
  },
): UserSockets {
  const { apps, folders, handlerFor } = parts;
  return createUserSockets({
    run: places.run,
    staging: folders.staging,
    makeFolders: folders.make,
    giveAway: ownUid === 0,
    handlerFor,
    turns: createTurns(apps.turns),
    onError: apps.onFault,
    checkEveryMs,
  });
}

function openRegistry(
  { places, ownUid, site, problems }: LocalAccessOptions,
  sockets: UserSockets,
): Promise<UserRegistry> {
  return openUserRegistry({
    state: places.state,
    reader: { ownUid, lowestId: site.limits.lowestId },
    rescanEveryMs,
    onChange: (users, wrong) => {
      problems.set(
        "users",
        wrong.map((message) => ({ message })),
      );
      return sockets.follow(users);
    },
  });
}

async function openAdminDoor(
  { places }: LocalAccessOptions,
  { apps, folders }: { readonly apps: Apps; readonly folders: RunFolders },
): Promise<Listeners> {
  const door = createDoor({
    ...adminSocket(places.run),
    staging: folders.staging,
    makeFolders: folders.make,
    owner: undefined,
    handler: apps.forOperator,
    onError: apps.onFault,
  });
  await door.open();
  const timer = setInterval(door.check, checkEveryMs);
  timer.unref();
  return {
    close: async () => {
      clearInterval(timer);
      await door.close();
    },
  };
}
