import { shorten } from "@workstation/cli";
import type { ProblemBoard } from "../../diagnostics/problems.ts";
import type { AuditSink } from "./audit/audit-sink.ts";
import type { KubernetesEngine } from "./kubernetes-engine.ts";
import type { Lease } from "./lead/lease.ts";

const everyMs = 5_000;

/** What is looked at, and who hears of it. */
export interface Looked {
  readonly problems: ProblemBoard;
  readonly engine: Pick<KubernetesEngine, "forcedJobs">;
  readonly lease: Pick<Lease, "held">;
  readonly audit: Pick<AuditSink, "look">;
  readonly onFault: (fault: unknown) => void;
}

/** Does what is due whether anything happens or not: the audit, and a count of jobs that were let go by force. Returns how to stop it. */
export function lookNowAndThen(parts: Looked): () => void {
  const look = async (): Promise<void> => {
    await lookAtAudit(parts);
    await countForced(parts);
  };
  const timer = setInterval(() => void look().catch(parts.onFault), everyMs).unref();
  return () => clearInterval(timer);
}

async function lookAtAudit({ problems, audit, onFault }: Looked): Promise<void> {
  try {
    await audit.look();
    problems.set("audit", []);
  } catch (fault) {
    const words = shorten(fault instanceof Error ? fault.message : String(fault));
    const message = `audit lines cannot be written, and wait in memory until they can: ${words}`;
    problems.set("audit", [{ message }]);
    onFault(fault);
  }
}

async function countForced({ problems, engine, lease }: Looked): Promise<void> {
  const forced = lease.held() ? await engine.forcedJobs() : 0;
  const message = `${forced} jobs run that the queue did not let go; they take slots: kubectl get jobs -A`;
  problems.set("forced jobs", forced === 0 ? [] : [{ message }]);
}
