import type { User } from "../../user.ts";
import type { Reflected } from "../api/reflector.ts";
import type { NamespaceReading } from "./read-user.ts";

/** What is kept of a namespace. */
export interface NamespaceView extends Reflected, NamespaceReading {
  readonly name: string;
}

/** The namespaces of users, found without looking at all of them: there are thousands, and each request asks. */
export interface UserIndex {
  /** Takes what a namespace says now, known by its UID; undefined: it is gone. */
  note(uid: string, view: NamespaceView | undefined): void;
  ofNamespace(name: string): User | undefined;
  byName(name: string): User | undefined;
  all(): readonly User[];
  problems(): readonly string[];
}

/**
 * Where several namespaces name one user, the one with the user's usual name has its say, else the first by name; that is
 * a problem, and whoever comes from another one is nobody.
 */
export function createUserIndex(usualName: (user: string) => string): UserIndex {
  const index: Index = {
    usualName,
    views: new Map(),
    byNamespace: new Map(),
    byUser: new Map(),
    bad: new Map(),
  };
  const chosen = (user: string): NamespaceView | undefined => index.byUser.get(user)?.[0];
  return {
    note: (uid, view) => {
      forget(index, uid);
      if (view !== undefined) add(index, view);
    },
    ofNamespace: (name) => {
      const view = index.byNamespace.get(name);
      return view?.user !== undefined && chosen(view.user.name) === view ? view.user : undefined;
    },
    byName: (name) => chosen(name)?.user,
    all: () => [...index.byUser.keys()].flatMap((user) => chosen(user)?.user ?? []),
    problems: () => [...index.bad.values()],
  };
}

interface Index {
  readonly usualName: (user: string) => string;
  /** By UIDs. */
  readonly views: Map<string, NamespaceView>;
  readonly byNamespace: Map<string, NamespaceView>;
  /** By users' names; the first has its say. */
  readonly byUser: Map<string, readonly NamespaceView[]>;
  /** What is wrong, by what it is about. */
  readonly bad: Map<string, string>;
}

function add(index: Index, view: NamespaceView): void {
  index.views.set(view.uid, view);
  index.byNamespace.set(view.name, view);
  if (view.problem !== undefined) index.bad.set(view.uid, view.problem);
  if (view.user !== undefined) setOwned(index, view.user.name, [...owned(index, view.user.name), view]);
}

function forget(index: Index, uid: string): void {
  const view = index.views.get(uid);
  if (view === undefined) return;
  index.views.delete(uid);
  index.bad.delete(uid);
  // Another one of that name may be there already.
  if (index.byNamespace.get(view.name) === view) index.byNamespace.delete(view.name);
  const user = view.user?.name;
  if (user !== undefined)
    setOwned(
      index,
      user,
      owned(index, user).filter((each) => each !== view),
    );
}

function owned({ byUser }: Index, user: string): readonly NamespaceView[] {
  return byUser.get(user) ?? [];
}

function setOwned({ byUser, bad, usualName }: Index, user: string, views: readonly NamespaceView[]): void {
  const rank = ({ name }: NamespaceView): string => (name === usualName(user) ? "" : name);
  const sorted = views.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  if (sorted.length === 0) byUser.delete(user);
  else byUser.set(user, sorted);
  const [first, ...others] = sorted.map(({ name }) => name);
  if (others.length === 0) bad.delete(`user ${user}`);
  else
    bad.set(`user ${user}`, `${user} has several namespaces: ${first} has its say, not ${others.join(", ")}`);
}
