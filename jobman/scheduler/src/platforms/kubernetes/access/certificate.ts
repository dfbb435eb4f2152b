import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "@workstation/cli";
import type { ProblemBoard } from "../../../diagnostics/problems.ts";

/** What a server shows of itself, and the key that proves it, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** The certificate in a folder of the form of a TLS Secret, checked to be whole. Throws `CERTIFICATE_UNUSABLE`. */
export async function readCertificate(folder: string): Promise<Certificate> {
  try {
    const [cert, key] = await Promise.all(
      ["tls.crt", "tls.key"].map((name) => readFile(join(folder, name), "utf8")),
    );
    const certificate = { cert: cert ?? "", key: key ?? "" };
    // TLS takes a key of another certificate without a word, and then fails each connection.
    if (new X509Certificate(certificate.cert).checkPrivateKey(createPrivateKey(certificate.key))) {
      return certificate;
    }
    throw new Error("the key is that of another certificate");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError("CERTIFICATE_UNUSABLE", `the certificate in ${folder} cannot be used: ${reason}`, {
      hint: "tls.crt and tls.key must be there, in PEM, and belong together",
      cause,
    });
  }
}

export interface FollowOptions {
  readonly folder: string;
  readonly everyMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onChange: (certificate: Certificate) => void;
  /** Has a certificate that cannot be used, or that nobody has renewed in time. */
  readonly problems: Pick<ProblemBoard, "set">;
}

/**
 * Looks at the files again and again; one that is being replaced, or is broken, is told and not used. Returns the way to
 * stop.
 */
export function followCertificate(first: Certificate, options: FollowOptions): () => void {
  const { folder, problems, now } = options;
  let last = first;
  const look = async (): Promise<void> => {
    try {
      const found = await readCertificate(folder);
      if (found.cert !== last.cert || found.key !== last.key) options.onChange(found);
      last = found;
      problems.set("certificate", expiryProblem(found, folder, now()));
    } catch (error) {
      problems.set("certificate", [{ message: (error as Error).message }]);
    }
  };
  problems.set("certificate", expiryProblem(first, folder, now()));
  const timer = setInterval(() => void look(), options.everyMs).unref();
  return () => clearInterval(timer);
}

const weekMs = 7 * 24 * 60 * 60_000;

function expiryProblem({ cert }: Certificate, folder: string, now: number) {
  const { validTo } = new X509Certificate(cert);
  if (Date.parse(validTo) - now > weekMs) return [];
  return [
    {
      message: `the certificate in ${folder} is good until ${validTo} only; without another no user is served`,
    },
  ];
}
