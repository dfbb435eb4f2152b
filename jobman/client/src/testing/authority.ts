import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** A certificate with its private key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority of one test, which certifies servers. Needs openssl on PATH. */
export interface Authority extends AsyncDisposable {
  /** Holds its own certificate, PEM. */
  readonly file: string;
  /** Certifies a server under `name`, a host's name or an address, for so many days; with -1 it has expired. */
  certify(name: string, days?: number): Promise<Certificate>;
}

export async function createAuthority(): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), "jobman-authority-"));
  const own = filesOf(folder, "authority");
  await openssl("req", "-x509", ...newKey(own), "-out", own.cert, "-subj", "/CN=authority");
  let made = 0;
  return {
    file: own.cert,
    certify: async (name, days = 30) => {
      made += 1;
      const files = filesOf(folder, `server-${made}`);
      const asked = `${files.cert}.request`;
      const alternative = `subjectAltName=${/^[\d.]+$|:/.test(name) ? "IP" : "DNS"}:${name}`;
      await openssl("req", ...newKey(files), "-out", asked, "-subj", "/CN=server", "-addext", alternative);
      const signing = ["-CA", own.cert, "-CAkey", own.key, "-copy_extensions", "copy", "-days", `${days}`];
      await openssl("x509", "-req", "-in", asked, ...signing, "-out", files.cert);
      return { cert: await readFile(files.cert, "utf8"), key: await readFile(files.key, "utf8") };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function filesOf(folder: string, name: string): Certificate {
  return { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
}

function newKey(files: Certificate): readonly string[] {
  return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", files.key];
}

async function openssl(...words: readonly string[]): Promise<void> {
  await promisify(execFile)("openssl", words);
}
