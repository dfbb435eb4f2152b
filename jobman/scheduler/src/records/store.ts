import { isActive } from "@workstation/jobman/protocol";
import type { JobRecord } from "../queue/model.ts";
import { shortSpec } from "../shortening/short-spec.ts";

/** All jobs in memory, of those that ended with at most `commandRoom` of the command. Records are never changed in place; `version` grows with every change. */
export interface JobReader {
  get(id: string): JobRecord | undefined;
  find(owner: string, name: string): JobRecord | undefined;
  ofOwner(owner: string): readonly JobRecord[];
  /** Jobs that wait, start, run or still hold a slot: all that the queue has to look at. */
  active(): readonly JobRecord[];
  ended(): readonly JobRecord[];
  version(): number;
  /** Calls `listener` after each change until the returned function is called. */
  onChange(listener: (record: JobRecord, removed: boolean) => void): () => void;
}

export interface JobStore extends JobReader {
  put(record: JobRecord): void;
  remove(id: string): void;
}

type Listener = (record: JobRecord, removed: boolean) => void;

interface State {
  readonly active: Map<string, JobRecord>;
  readonly ended: Map<string, JobRecord>;
  readonly owners: Map<string, Map<string, string>>;
  readonly listeners: Set<Listener>;
  version: number;
}

export function createJobStore(): JobStore {
  const state: State = {
    active: new Map(),
    ended: new Map(),
    owners: new Map(),
    listeners: new Set(),
    version: 0,
  };
  const get = (id: string): JobRecord | undefined => state.active.get(id) ?? state.ended.get(id);
  const namesOf = (owner: string): ReadonlyMap<string, string> => state.owners.get(owner) ?? new Map();
  return {
    get,
    find: (owner, name) => lookUp(get, namesOf(owner).get(name)),
    ofOwner: (owner) => [...namesOf(owner).values()].map(get).filter((record) => record !== undefined),
    active: () => [...state.active.values()],
    ended: () => [...state.ended.values()],
    put: (record) => put(state, record),
    remove: (id) => remove(state, get(id)),
    version: () => state.version,
    onChange: (listener) => {
      state.listeners.add(listener);
      return () => void state.listeners.delete(listener);
    },
  };
}

function lookUp(get: (id: string) => JobRecord | undefined, id: string | undefined): JobRecord | undefined {
  return id === undefined ? undefined : get(id);
}

function put(state: State, given: JobRecord): void {
  // From an ended job nothing is started any more: a hundred of a user must not hold a hundred long commands.
  const record = isActive(given.state) ? given : withShortSpec(given);
  const { id, owner, name } = record.spec;
  const concernsQueue = isActive(record.state) || record.holdsSlot;
  (concernsQueue ? state.active : state.ended).set(id, record);
  (concernsQueue ? state.ended : state.active).delete(id);
  const names = state.owners.get(owner) ?? new Map<string, string>();
  state.owners.set(owner, names.set(name, id));
  announce(state, record, false);
}

function withShortSpec(record: JobRecord): JobRecord {
  const spec = shortSpec(record.spec);
  return spec === record.spec ? record : { ...record, spec };
}

function remove(state: State, record: JobRecord | undefined): void {
  if (record === undefined) return;
  const { id, owner, name } = record.spec;
  state.active.delete(id);
  state.ended.delete(id);
  const names = state.owners.get(owner);
  if (names?.get(name) === id) names.delete(name);
  if (names?.size === 0) state.owners.delete(owner);
  announce(state, record, true);
}

function announce(state: State, record: JobRecord, removed: boolean): void {
  state.version += 1;
  for (const listener of [...state.listeners]) listener(record, removed);
}
