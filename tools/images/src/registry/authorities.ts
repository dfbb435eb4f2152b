import { globSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { getCACertificates } from "node:tls";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The authorities whose certificates this machine trusts for a registry: the system's (`SSL_CERT_FILE` and
 * `SSL_CERT_DIR` included), Node's own with `NODE_EXTRA_CA_CERTS`, and what Docker was given for this very host.
 */
export function trustedAuthorities(host: string, environment: Environment = process.env): readonly string[] {
  const given = dockerFolders(environment).flatMap((folder) =>
    globSync("*.crt", { cwd: join(folder, host) }).map((name) =>
      readFileSync(join(folder, host, name), "utf8"),
    ),
  );
  return [...getCACertificates("default"), ...getCACertificates("system"), ...given];
}

/** Those of an engine that root runs, and of a rootless one. */
function dockerFolders(environment: Environment): readonly string[] {
  const settings = environment.XDG_CONFIG_HOME || join(environment.HOME || homedir(), ".config");
  return ["/etc/docker/certs.d", join(settings, "docker/certs.d")];
}
