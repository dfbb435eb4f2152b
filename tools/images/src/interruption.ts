/** A key, a service manager, a terminal that is closed. */
const ends = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** One wish to end can come several times: to the process group, and again from each program above this one. */
const sameWishMs = 1000;

/** What is listened to: the process. */
export interface Signals {
  on(name: (typeof ends)[number], heard: () => void): unknown;
  off(name: (typeof ends)[number], heard: () => void): unknown;
}

/** Aborts `signal` at the first wish to end; after that one signal more ends the process at once, as if nobody listened. */
export function listenForEnd(signals: Signals, repeatsMs: number = sameWishMs) {
  const controller = new AbortController();
  const stopListening = (): void => {
    for (const name of ends) signals.off(name, heard);
  };
  const heard = (): void => {
    if (controller.signal.aborted) return;
    controller.abort(new Error("interrupted"));
    setTimeout(stopListening, repeatsMs).unref();
  };
  for (const name of ends) signals.on(name, heard);
  return { signal: controller.signal, stopListening };
}
