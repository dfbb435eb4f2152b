/** The lines around the output of `init.sh`; init-scripts/init-process.sh writes them. */
const first = Buffer.from("workstation: ---- init.sh starts ----\n");
const last = Buffer.from("workstation: ---- init.sh ended ----\n");

/** Tells of each line of a log, one after the other, whether it belongs to the output of `init.sh`. */
export interface InitLines {
  isInit(line: Uint8Array): boolean;
}

/**
 * A cluster shows stdout and stderr as one. What `init.sh` says goes to stderr in every image of the family, and can be told
 * apart by the lines around it: so the output of a job's own command can be read by a program. `within`: the first line
 * stands in the middle of it.
 */
export function createInitLines(within: boolean): InitLines {
  let isWithin = within;
  let isOver = false;
  return {
    isInit: (line) => {
      if (isOver) return false;
      if (!isWithin) isWithin = first.equals(line);
      else if (last.equals(line)) isOver = true;
      return isWithin;
    },
  };
}
