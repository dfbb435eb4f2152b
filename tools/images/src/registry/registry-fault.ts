import { exitCodes, UserError } from "@workstation/cli";
import { z } from "zod";
import { parseAnswer } from "./parse-answer.ts";

/** No answer came: the network, the name, or the certificate. Worth another try, unless the certificate is at fault. */
export class NoAnswer extends Error {
  readonly code: string | undefined;

  constructor(host: string, cause: unknown) {
    super(`the registry ${host} does not answer: ${wordsOf(cause)}`, { cause });
    this.name = "NoAnswer";
    this.code = codeOf(cause);
  }
}

/** The fault as a person can mend it. */
export function asUserError(fault: NoAnswer): UserError {
  const certificate = /CERT|SELF_SIGNED|SIGNATURE|UNABLE_TO/.test(fault.code ?? "");
  const hint = certificate
    ? "let this machine trust the registry's authority: in the system's store, by SSL_CERT_FILE, " +
      "or as /etc/docker/certs.d/<host>/ca.crt"
    : "see that it runs and that registry.host in site.yaml names it; the same command carries on from there";
  return new UserError(certificate ? "REGISTRY_UNTRUSTED" : "REGISTRY_UNAVAILABLE", fault.message, {
    hint,
    exitCode: exitCodes.unavailable,
    cause: fault,
  });
}

/** A refusal of the registry, in its own words. */
export function refusal(what: string, answer: { readonly status: number; readonly text: string }): UserError {
  const words = registryWords(answer.text);
  const code = refusalCodes[answer.status] ?? "REGISTRY_REFUSED";
  return new UserError(code, `the registry refused ${what}: ${answer.status}${words && `, ${words}`}`, {
    hint: refusalHints[code] ?? "what was there before is as it was; nothing points to an unfinished image",
    exitCode: code === "REGISTRY_REFUSED" ? exitCodes.failure : exitCodes.notAllowed,
  });
}

/** An answer that is not what the specifications say; never with its text, which may hold a secret. */
export function notUnderstood(host: string, what: string): UserError {
  return new UserError("REGISTRY_ANSWER", `the registry ${host} answers what is not understood: ${what}`, {
    hint: "see that registry.host in site.yaml names an OCI registry, and what stands between it and this machine",
    exitCode: exitCodes.unavailable,
  });
}

const refusalCodes: Readonly<Record<number, string>> = { 401: "REGISTRY_LOGIN", 403: "REGISTRY_FORBIDDEN" };

const refusalHints: Readonly<Record<string, string>> = {
  REGISTRY_LOGIN:
    "log in with `docker login`, or name a file that holds user:password by WORKSTATION_REGISTRY_CREDENTIALS",
  REGISTRY_FORBIDDEN: "the account may not do this in the projects that registry.projects of site.yaml names",
};

const refusalText = z.object({
  errors: z.array(z.object({ code: z.string().optional(), message: z.string().optional() })).optional(),
});

function registryWords(text: string): string {
  const { errors = [] } = parseAnswer(text, refusalText) ?? {};
  return errors.map(({ code = "", message = "" }) => `${code}: ${message}`).join("; ");
}

function wordsOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(wordsOf).join("; ");
  return cause instanceof Error ? cause.message : String(cause);
}

function codeOf(cause: unknown): string | undefined {
  if (cause instanceof AggregateError) return codeOf(cause.errors[0]);
  return (cause as NodeJS.ErrnoException | null)?.code;
}
