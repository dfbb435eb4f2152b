import { UserError } from "@workstation/cli";
import type { Site } from "@workstation/site";
import type { User } from "../../user.ts";
import { type IdRule, insistOnUserId } from "./ids.ts";
import { accountNameOf, findSystemAccount } from "./system-account.ts";

/** The ids of a new user. */
type UserIds = Pick<User, "uid" | "gid">;

interface NewUser {
  readonly name: string;
  /** What the operator asked for. */
  readonly uid: number | undefined;
  readonly taken: readonly User[];
}

const firstFreeUid = 20_000;

/**
 * The ids of a new user: the uid that was asked for, else the machine's account of that name, else the site's for the
 * site's user where no account has it, else the lowest free one from 20000. The uid of an account of the machine with another name is refused,
 * and never free: that account would own what the jobs write. The group is always the user's own number, because a group that accounts of
 * the machine share would share what a job leaves; only the site's user has the group that the site names.
 */
export async function chooseIds(
  store: { readonly ownUid: number; readonly site: { readonly user: Site["user"]; readonly limits: IdRule } },
  request: NewUser,
): Promise<UserIds> {
  const { site, ownUid } = store;
  const { ids, whose } = ownUid === 0 ? await idsOfUser(site.user, request) : ownIds(ownUid, request);
  insistOnUserId(ids.uid, site.limits, whose);
  refuseTaken(ids, request.taken);
  if (ownUid === 0) await refuseAccountOfOther(ids.uid, request.name);
  return ids;
}

async function idsOfUser(siteUser: Site["user"], request: NewUser) {
  const { name, taken } = request;
  if (request.uid !== undefined) return { ids: ownGroup(request.uid), whose: `the user ${name}` };
  const account = await findSystemAccount(name);
  if (account !== undefined)
    return { ids: ownGroup(account.uid), whose: `the account ${name} of this machine` };
  if (name === siteUser.name && (await accountNameOf(siteUser.uid)) === undefined)
    return { ids: { uid: siteUser.uid, gid: siteUser.gid }, whose: `the user ${name}` };
  return { ids: ownGroup(await lowestFree(taken)), whose: `the user ${name}` };
}

async function lowestFree(taken: readonly User[]): Promise<number> {
  const numbers = new Set(taken.flatMap(({ uid, gid }) => [uid, gid]));
  let uid = firstFreeUid;
  while (numbers.has(uid) || (await accountNameOf(uid)) !== undefined) uid += 1;
  return uid;
}

function ownIds(ownUid: number, request: NewUser) {
  if (request.uid !== undefined && request.uid !== ownUid) {
    throw new UserError(
      "NOT_ROOT",
      `uid ${request.uid} cannot be served by a scheduler that runs as ${ownUid}`,
      {
        hint: "leave --uid out, or run the scheduler and this command as root",
      },
    );
  }
  return { ids: ownGroup(ownUid), whose: "the account that runs this command" };
}

function ownGroup(uid: number): UserIds {
  return { uid, gid: uid };
}

function refuseTaken({ uid, gid }: UserIds, taken: readonly User[]): void {
  const other = taken.find((each) => each.uid === uid || each.gid === gid);
  if (other === undefined) return;
  throw new UserError(
    "ID_TAKEN",
    `uid ${uid} is another user's: ${other.name} has uid ${other.uid} and gid ${other.gid}`,
    {
      hint: "every user has a uid and a group of its own; an ordinary account serves one user, root serves many",
    },
  );
}

async function refuseAccountOfOther(uid: number, name: string): Promise<void> {
  const account = await accountNameOf(uid);
  if (account === undefined || account === name) return;
  throw new UserError("ID_TAKEN", `uid ${uid} is the uid of the account ${account} of this machine`, {
    hint: `that account would own what the jobs of ${name} write; leave --uid out for the next free number, or name one that no account has`,
  });
}
