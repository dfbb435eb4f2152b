import { exitCodes, UserError } from "@workstation/cli";

/** The scheduler could not be reached, or went away in the middle of an answer; a later attempt may succeed. */
export class ConnectionError extends UserError {
  /** False when the request cannot have reached the scheduler. */
  readonly sent: boolean;

  /**
   * @param code the system's name of the fault, e.g. `ECONNREFUSED`
   * @param options `message`: what to say of a fault of ours, which the system does not name
   */
  constructor(
    code: string,
    options: { readonly sent: boolean; readonly cause: unknown; readonly message?: string },
  ) {
    super(code, options.message ?? sentenceOf(code, options.sent), {
      exitCode: exitCodes.unavailable,
      cause: options.cause,
    });
    this.name = "ConnectionError";
    this.sent = options.sent;
  }
}

function sentenceOf(code: string, sent: boolean): string {
  if (code === "ECONNRESET" && !sent) return "the connection was cut before a request could be sent";
  if (code === "EPROTO" || code.startsWith("ERR_SSL_"))
    return "it answers, but not in TLS as jobman speaks it";
  return sentences[code] ?? `the connection failed (${code})`;
}

const unknownAuthority =
  "its certificate was made by an authority that is not trusted here: $JOBMAN_CA_FILE names a file with the right one";

const sentences: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ECONNREFUSED: "nobody listens there: the scheduler does not run",
  EACCES: "this account may not use it",
  EPERM: "this account may not use it",
  ENOTSOCK: "it is no socket",
  ENOTDIR: "a part of its path is no folder",
  ECONNRESET: "the scheduler went away in the middle of its answer",
  ETIMEDOUT: "the scheduler does not answer",
  ENOTFOUND: "its name is not known in this network",
  EAI_AGAIN: "the name service does not answer",
  EHOSTUNREACH: "this network has no way to it",
  ENETUNREACH: "this network has no way to it",
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_HAS_EXPIRED: "its certificate has expired: tell the operator, or set this machine's clock",
  CERT_NOT_YET_VALID: "its certificate is not valid yet: is this machine's clock right?",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name than the one in the address",
};
