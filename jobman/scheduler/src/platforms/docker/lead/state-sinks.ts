import { stateFolders } from "@workstation/site";
import { fileSink } from "../../../files/line-sink.ts";
import { reserveOf } from "../../../files/reserve.ts";
import { sweepLogs } from "../../../logs/sweep-logs.ts";
import type { Sinks } from "../../platform.ts";

/** Journal, audit and output of jobs as files below the state folder. */
export function sinksIn(state: string): Sinks {
  const { journal, audit, logs } = stateFolders(state);
  return {
    journal: fileSink(journal),
    audit: fileSink(audit),
    reserve: reserveOf(state),
    sweepLogs: (isKnown) => sweepLogs(logs, isKnown),
  };
}
