import { join } from "node:path";
import { userNamePattern } from "./names.ts";

/** Where one machine keeps what belongs to the queue. */
export interface Places {
  /** What must survive a reboot: users, datasets, the job journal. */
  readonly state: string;
  /** Sockets: one folder a user, and the operator's. */
  readonly run: string;
}

/**
 * The places of the account that runs the scheduler: the system's as root, else the account's own
 * (XDG Base Directory Specification 0.8; without a runtime directory, a private one in the temporary folder).
 */
export function placesFor(uid: number, environment: Readonly<Record<string, string | undefined>>): Places {
  if (uid === 0) return { state: "/var/lib/workstation", run: "/run/workstation" };
  const home = environment.HOME ?? "/nonexistent";
  const state = environment.XDG_STATE_HOME ?? join(home, ".local", "state");
  const runtime = environment.XDG_RUNTIME_DIR;
  return {
    state: join(state, "workstation"),
    run: runtime === undefined ? `/tmp/workstation-${uid}` : join(runtime, "workstation"),
  };
}

/** Where an account keeps what anybody can fetch or make again: shared by all clones of the project. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const home = environment.HOME ?? "/nonexistent";
  return join(environment.XDG_CACHE_HOME || join(home, ".cache"), "workstation-images");
}

/**
 * The user of the queue that an account of this machine is, where none is named: itself, or the site's own user for root,
 * who is nobody that works, and for names that a folder or a label could not carry.
 */
export function usualUser(
  site: { readonly user: { readonly name: string } },
  account: { readonly uid: number; readonly login: string },
): string {
  return account.uid === 0 || !userNamePattern.test(account.login) ? site.user.name : account.login;
}

/** The folders below the state folder. */
export function stateFolders(state: string) {
  return {
    users: join(state, "users"),
    datasets: join(state, "datasets"),
    datalake: join(state, "datalake"),
    sharedFolder: join(state, "persistent-shared-folder"),
    journal: join(state, "jobs.jsonl"),
    audit: join(state, "audit.jsonl"),
    logs: join(state, "logs"),
  } as const;
}

/** The folder of one user; `name` must already be a checked user name. */
export function userFolder(state: string, name: string) {
  const folder = join(stateFolders(state).users, name);
  return {
    folder,
    record: join(folder, "user.json"),
    persistentHome: join(folder, "persistent-home"),
  } as const;
}

/** The socket of one user, and the folder that is mounted into that user's desktop. */
export function userSocket(run: string, name: string) {
  const folder = join(run, "users", name);
  return { folder, socket: join(folder, "jobman.sock") } as const;
}

/** The operator's socket. */
export function adminSocket(run: string) {
  const folder = join(run, "admin");
  return { folder, socket: join(folder, "scheduler.sock") } as const;
}
