import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";

/** Whom a certificate names, and where its holder can be reached. */
export interface Subject {
  /** Kubernetes reads the user's name from it. */
  readonly name: string;
  /** Kubernetes reads the user's groups from them. */
  readonly groups?: readonly string[];
  /** Names and addresses under which the holder serves; without, it is good for clients alone. */
  readonly hosts?: readonly string[];
}

/** The files of a certificate and its private key, PEM. */
export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** A certificate authority for one throw-away cluster. */
export interface Authority {
  readonly certificateFile: string;
  /** Its own certificate, PEM. */
  readonly certificate: string;
  /** Makes a key and signs for it; the files are called after `file`. */
  issue(file: string, subject: Subject): Promise<Certificate>;
}

/** Makes one, valid for 30 days, whose files lie in `folder`, readable for this account alone. */
export async function createAuthority(folder: string): Promise<Authority> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const own = filesOf(folder, "authority");
  await request(own, "/CN=throw-away cluster", [
    "basicConstraints=critical,CA:TRUE",
    "keyUsage=critical,keyCertSign,cRLSign",
  ]);
  const signing = ["-CA", own.certificateFile, "-CAkey", own.keyFile];
  return {
    certificateFile: own.certificateFile,
    certificate: readFileSync(own.certificateFile, "utf8"),
    async issue(file, subject) {
      const files = filesOf(folder, file);
      await request(files, subjectText(subject), extensionsFor(subject), signing);
      return files;
    },
  };
}

function filesOf(folder: string, name: string): Certificate {
  return { certificateFile: join(folder, `${name}.crt`), keyFile: join(folder, `${name}.key`) };
}

async function request(
  files: Certificate,
  subject: string,
  ...[extensions, signing = []]: [readonly string[], (readonly string[])?]
): Promise<void> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const output = ["-keyout", files.keyFile, "-out", files.certificateFile, "-days", "30"];
  const told = ["-utf8", "-subj", subject, ...extensions.flatMap((each) => ["-addext", each])];
  await execa("openssl", ["req", "-x509", ...key, ...output, ...told, ...signing]);
}

/** What openssl would read as the end of a value is escaped. */
export function subjectText({ name, groups = [] }: Subject): string {
  const escaped = (value: string): string => value.replaceAll(/[/+=\\]/g, "\\$&");
  return [...groups.map((group) => `/O=${escaped(group)}`), `/CN=${escaped(name)}`].join("");
}

function extensionsFor({ hosts = [] }: Subject): readonly string[] {
  const names = hosts.map((host) => (/^[\d.]+$|:/.test(host) ? `IP:${host}` : `DNS:${host}`));
  return [
    "basicConstraints=critical,CA:FALSE",
    `extendedKeyUsage=${names.length === 0 ? "clientAuth" : "clientAuth,serverAuth"}`,
    ...(names.length === 0 ? [] : [`subjectAltName=${names.join(",")}`]),
  ];
}
