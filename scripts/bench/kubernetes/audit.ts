import { createReadStream, statSync } from "node:fs";
import { createInterface } from "node:readline";
import type { World } from "./world.ts";

/** A request that the API server answered, as its audit log has it. */
export interface AuditLine {
  /** The account's name, such as `scheduler`. */
  readonly who: string;
  readonly verb: string;
  /** With its part, such as `jobs/status`. */
  readonly resource: string;
  readonly name: string;
  readonly status: number;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly answeredAt: number;
}

/** Where the log ends now. */
export function auditEnd({ controlPlane }: World): number {
  return statSync(controlPlane.auditLog).size;
}

/** The requests that were logged since. */
export async function readAudit({ controlPlane }: World, since: number): Promise<readonly AuditLine[]> {
  const lines = createInterface({ input: createReadStream(controlPlane.auditLog, { start: since }) });
  const read: AuditLine[] = [];
  for await (const line of lines) {
    if (line.endsWith("}")) read.push(parse(line));
  }
  return read;
}

function parse(line: string): AuditLine {
  const {
    verb,
    user,
    objectRef = {},
    responseStatus,
    requestReceivedTimestamp,
    stageTimestamp,
  } = JSON.parse(line);
  const { resource = "", subresource, name = "" } = objectRef;
  return {
    verb,
    who: String(user?.username).replace(/^.*:/, ""),
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    name,
    status: responseStatus?.code ?? 0,
    receivedAt: precise(requestReceivedTimestamp),
    answeredAt: precise(stageTimestamp),
  };
}

/** The log counts microseconds. */
function precise(time: string): number {
  const [, whole = "", micro = "0"] = /^(.*\.\d{3})(\d{3})Z$/.exec(time) ?? [];
  return Date.parse(`${whole}Z`) + Number(micro) / 1000;
}
