import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  buildImage,
  type DockerConnection,
  inspectImage,
  removeContainer,
  startContainer,
  stopContainer,
} from "@workstation/docker";
import { packContext } from "../recipe/pack-context.ts";
import { openRegistry, type Registry } from "../registry/registry.ts";
import { freePort } from "./free-port.ts";
import { makeHelperContainer } from "./helper-container.ts";

/** Debian's registry, over TLS, with a password; its data lies in a folder of the test's. */
export interface TestRegistry {
  readonly host: string;
  readonly folder: string;
  /** The file with its own authority, which no machine trusts. */
  readonly authority: string;
  readonly credentials: { readonly user: string; readonly password: string };
  /** Ends it as a power cut would. */
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** Opens it as somebody who trusts it and knows the password, unless said otherwise. */
  readonly open: (given?: Opened) => Registry;
  readonly remove: () => Promise<void>;
}

interface Opened {
  readonly host?: string;
  readonly password?: string;
  readonly signal?: AbortSignal;
  readonly authorities?: readonly string[];
}

const credentials = { user: "publisher", password: "open-sesame" };
const passwords = "publisher:$2b$05$r9.GWjJ0VBgnR9Z8QFAfFu9SUaB4SmOyPdOhhgJ8ZLAIu10MWmlhK\n";

/** Starts a registry on a free port of loopback. Its program comes from the distribution, built into an image once. */
export async function startRegistry(docker: DockerConnection): Promise<TestRegistry> {
  const image = await registryImage(docker);
  const folder = mkdtempSync(join(tmpdir(), "workstation-registry-"));
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  writeFileSync(join(folder, "htpasswd"), passwords);
  writeFileSync(join(folder, "config.yml"), configuration(host));
  writeFileSync(join(folder, "run.sh"), script);
  const id = await makeHelperContainer(docker, settings(image, folder));
  const authority = join(folder, "ca.crt");
  const open = (given: Opened = {}): Registry =>
    openRegistry(given.host ?? host, {
      authorities: given.authorities ?? [readFileSync(authority, "utf8")],
      credentials: { ...credentials, password: given.password ?? credentials.password },
      signal: given.signal ?? new AbortController().signal,
    });
  const start = async (): Promise<void> => {
    await startContainer(docker, id);
    await untilItAnswers(() => open());
  };
  await start();
  return {
    ...{ host, folder, authority, credentials, open, start },
    kill: async () => void (await stopContainer(docker, id, 0)),
    remove: async () => {
      await stopContainer(docker, id, 0);
      await removeContainer(docker, id);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const dockerfile = `FROM workstation-base:debian-12
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends docker-registry openssl
`;

async function registryImage(docker: DockerConnection): Promise<string> {
  const tag = `workstation-test-registry:${createHash("sha256").update(dockerfile).digest("hex").slice(0, 12)}`;
  if ((await inspectImage(docker, tag)) !== undefined) return tag;
  const context = packContext([{ path: "Dockerfile", mode: 0o644, content: Buffer.from(dockerfile) }]);
  await buildImage(docker, {
    context,
    tags: [tag],
    labels: {},
    buildArguments: {},
    onEvent: () => undefined,
  });
  return tag;
}

/** It makes its own authority and certificate, for no machine but this one has a use for them. */
const script = `#!/bin/sh
set -eu
cd /registry
if [ ! -f ca.crt ]; then
  key="ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
  openssl req -x509 -newkey $key -days 30 -subj "/CN=test authority" -keyout ca.key -out new.crt
  openssl req -newkey $key -subj "/CN=registry" -keyout tls.key -out tls.csr
  echo "subjectAltName=IP:127.0.0.1" >names
  openssl x509 -req -in tls.csr -CA new.crt -CAkey ca.key -CAcreateserial -days 30 -extfile names -out tls.crt
  mv new.crt ca.crt
fi
exec docker-registry serve config.yml
`;

function configuration(address: string): string {
  return `version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: /registry/data }, delete: { enabled: true } }
auth: { htpasswd: { realm: test, path: /registry/htpasswd } }
http: { addr: "${address}", secret: the-same-after-a-restart, tls: { certificate: /registry/tls.crt, key: /registry/tls.key } }
`;
}

function settings(image: string, folder: string) {
  return {
    image,
    command: ["sh", "/registry/run.sh"],
    environment: { HOME: "/tmp" },
    uid: process.getuid?.() ?? 1000,
    gid: process.getgid?.() ?? 1000,
    workingFolder: "/registry",
    binds: [{ source: folder, target: "/registry", readOnly: false }],
    memoryFolders: [{ target: "/tmp", options: "mode=1777,size=64m" }],
    network: "host", // so that the engine, too, finds it on loopback
  };
}

async function untilItAnswers(open: () => Registry): Promise<void> {
  const limit = Date.now() + 30_000;
  for (;;) {
    try {
      const registry = open();
      await registry.tryOnce("/v2/", { method: "GET" });
      return registry.close();
    } catch (error) {
      if (Date.now() > limit) throw error;
      await sleep(50);
    }
  }
}
