/**
 * Does a piece of a user's work when it is this user's turn. Tasks do not throw, and come in their order. `brief`: a piece
 * whose size is bounded already, which is never followed by a rest.
 */
export type TakeTurn = (task: () => void, kind?: "brief") => void;

/**
 * Divides the one thread among users: in one round of the event loop one piece of work of one user is done, and the
 * users with work to do come one after the other, however much each of them has.
 */
export interface Turns {
  /** The row in which one user's pieces wait. */
  newRow(): TakeTurn;
}

export interface TurnOptions {
  /** A turn that took longer, in milliseconds, is followed by a rest. */
  readonly longMs: number;
  /** How many times as long as such a turn its user rests: others find the thread free most of the time. */
  readonly restFactor: number;
}

export function createTurns(options: TurnOptions): Turns {
  const state: State = { ...options, ready: [], running: false };
  return {
    newRow: () => {
      const row: Row = { tasks: [], waiting: false };
      return (task, kind) => {
        row.tasks.push({ task, mayRest: kind !== "brief" });
        if (!row.waiting) makeReady(state, row);
      };
    },
  };
}

interface State extends TurnOptions {
  readonly ready: Row[];
  running: boolean;
}

interface Row {
  readonly tasks: { readonly task: () => void; readonly mayRest: boolean }[];
  /** True from the first task on until the row is empty and rested. */
  waiting: boolean;
}

function makeReady(state: State, row: Row): void {
  row.waiting = true;
  state.ready.push(row);
  if (state.running) return;
  state.running = true;
  setImmediate(() => runNext(state));
}

function runNext(state: State): void {
  const row = state.ready.shift();
  const next = row?.tasks.shift();
  if (row === undefined || next === undefined) {
    state.running = false;
    return;
  }
  const startedAt = performance.now();
  next.task();
  // What a task sets off (parsing, checking, the answer) is done before the next round of the loop begins.
  setImmediate(() => {
    settle(state, row, next.mayRest ? performance.now() - startedAt : 0);
    runNext(state);
  });
}

function settle(state: State, row: Row, took: number): void {
  const next = (): void => {
    if (row.tasks.length > 0) makeReady(state, row);
    else row.waiting = false;
  };
  if (took > state.longMs) setTimeout(next, took * state.restFactor);
  else next();
}
