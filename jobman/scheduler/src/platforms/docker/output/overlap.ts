/** What an engine's log holds at its end, and what came through a connection that was opened meanwhile. */
export interface Seam {
  readonly log: Buffer;
  /** Where in `log` the connection should have begun, by the engine's times. */
  readonly expected: number;
  readonly live: Buffer;
}

/**
 * How many bytes at the end of `log` are the first of `live`, also those that are still to come there. Decides by
 * content; where the same comes again and again, by `expected`.
 */
export function overlapOf({ log, expected, live }: Seam): number {
  const places = placesOf(log, live);
  const long = places.filter((place) => Math.min(log.length - place, live.length) >= tellingLength);
  const candidates = long.length > 0 ? long : places;
  const nearest = candidates.reduce(
    (best, place) => (Math.abs(place - expected) < Math.abs(best - expected) ? place : best),
    candidates[0] ?? log.length,
  );
  return log.length - nearest;
}

/** So many equal bytes are hardly chance. */
const tellingLength = 32;

/** All places in `log` from where on it goes on as `live` does, its end included. */
function placesOf(log: Buffer, live: Buffer): readonly number[] {
  if (live.length === 0) return [log.length];
  const probe = live.subarray(0, tellingLength);
  const places: number[] = [];
  for (let place = log.indexOf(probe); place >= 0; place = log.indexOf(probe, place + 1)) {
    if (goesOn(log, live, place)) places.push(place);
  }
  for (let place = Math.max(0, log.length - probe.length + 1); place <= log.length; place += 1) {
    if (goesOn(log, live, place)) places.push(place);
  }
  return places;
}

function goesOn(log: Buffer, live: Buffer, place: number): boolean {
  const length = Math.min(log.length - place, live.length);
  return log.compare(live, 0, length, place, place + length) === 0;
}
