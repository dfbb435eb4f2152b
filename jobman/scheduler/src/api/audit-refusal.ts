import { submitRequestSchema } from "@workstation/jobman/protocol";
import type { Core } from "../core/core.ts";
import type { Refusal } from "../records/audit-log.ts";
import { answerFor } from "./answer-for.ts";

/** Writes down that a submit was refused, and why. `body` is what was sent; nobody has checked it. */
export function auditRefusal(
  core: Core,
  asked: { readonly user: string; readonly body: unknown },
  error: unknown,
): void {
  const refusal = refusalOf(asked, error);
  void core.background.run("audit", () => core.records.noteRefusal(refusal));
}

function refusalOf(asked: { readonly user: string; readonly body: unknown }, error: unknown): Refusal {
  const { code, message } = answerFor(error, "operator").body;
  const parsed = submitRequestSchema.safeParse(asked.body);
  if (!parsed.success) return { user: asked.user, code, message };
  const { name, image, flavor, datasets } = parsed.data;
  return {
    user: asked.user,
    code,
    message,
    command: parsed.data.arguments,
    ...(name === undefined ? {} : { name }),
    ...(image === undefined ? {} : { image }),
    ...(flavor === undefined ? {} : { flavor }),
    ...(datasets === undefined ? {} : { datasets }),
  };
}
