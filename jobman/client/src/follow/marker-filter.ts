/** The lines between which the output of `init.sh` stands; init-scripts/init-process.sh writes them. */
const first = "workstation: ---- init.sh starts ----\n";
const last = "workstation: ---- init.sh ended ----\n";

/** Leaves the two lines out of a job's stderr, wherever they are cut, and nothing else. */
export interface MarkerFilter {
  /** What may be shown now. */
  pass(data: string | Buffer): Buffer;
  /** What was held back because it could have become such a line. */
  rest(): Buffer;
}

export function createMarkerFilter(): MarkerFilter {
  // One character a byte: what is no text stays what it is.
  let held = "";
  let atLineStart = true;
  let wanted: readonly string[] = [first, last];
  const take = (): string => {
    if (wanted.length === 0) return whole();
    let shown = "";
    while (held !== "") {
      const marker = atLineStart ? wanted.find((each) => held.startsWith(each)) : undefined;
      if (marker !== undefined) {
        held = held.slice(marker.length);
        wanted = marker === last ? [] : [last];
      } else if (atLineStart && wanted.some((each) => each.startsWith(held))) {
        break;
      } else {
        const end = held.indexOf("\n") + 1;
        shown += held.slice(0, end || held.length);
        held = end === 0 ? "" : held.slice(end);
        atLineStart = end > 0;
      }
    }
    return shown;
  };
  const whole = (): string => {
    const all = held;
    held = "";
    return all;
  };
  return {
    pass: (data) => {
      held += Buffer.from(data as string).toString("latin1");
      return Buffer.from(take(), "latin1");
    },
    rest: () => Buffer.from(whole(), "latin1"),
  };
}
