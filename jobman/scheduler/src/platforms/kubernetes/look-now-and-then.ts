import type { ProblemBoard } from "../../diagnostics/problems.ts";
import type { AuditSink } from "./audit/audit-sink.ts";
import type { KubernetesEngine } from "./kubernetes-engine.ts";
import type { Lease } from "./lead/lease.ts";

const everyMs = 5_000;

/** Does what is due whether anything happens or not: the audit, and a count of jobs that were let go by force. Returns how to stop it. */
export function lookNowAndThen(parts: {
  readonly problems: ProblemBoard;
  readonly engine: Pick<KubernetesEngine, "forcedJobs">;
  readonly lease: Pick<Lease, "held">;
  readonly audit: Pick<AuditSink, "look">;
  readonly onFault: (fault: unknown) => void;
}): () => void {
  const { problems, engine, lease, audit, onFault } = parts;
  const look = async (): Promise<void> => {
    await audit.look();
    const forced = lease.held() ? await engine.forcedJobs() : 0;
    const message = `${forced} jobs run that the queue did not let go; they take slots: kubectl get jobs -A`;
    problems.set("forced jobs", forced === 0 ? [] : [{ message }]);
  };
  const timer = setInterval(() => void look().catch(onFault), everyMs).unref();
  return () => clearInterval(timer);
}
