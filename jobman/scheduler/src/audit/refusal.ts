import { UserError } from "@workstation/cli";
import { inBackground } from "../jobs/change.ts";
import type { Core } from "../jobs/core.ts";
import type { SubmitOrder } from "../jobs/submit.ts";
import type { Refusal } from "./audit-log.ts";

/** Writes down that a submit was refused, and why. */
export function auditRefusal(core: Core, order: SubmitOrder, error: unknown): void {
  const refusal = refusalOf(order, error);
  inBackground(core, "audit", () => core.audit.refused(refusal));
}

function refusalOf({ user, request }: SubmitOrder, error: unknown): Refusal {
  const { name, image, flavor, datasets } = request;
  return {
    user: user.name,
    code: error instanceof UserError ? error.code : "INTERNAL",
    message: error instanceof Error ? error.message : String(error),
    command: request.arguments,
    ...(name === undefined ? {} : { name }),
    ...(image === undefined ? {} : { image }),
    ...(flavor === undefined ? {} : { flavor }),
    ...(datasets === undefined ? {} : { datasets }),
  };
}
