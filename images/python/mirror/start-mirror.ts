import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createIsolatedNetwork, removeNetwork } from "@workstation/docker";
import {
  type ContainerOptions,
  connection,
  imageDetails,
  type StartedContainer,
  shellInImage,
  site,
  startContainer,
  testRun,
} from "@workstation/images/test";
import { cacheFolder, imageLabels } from "@workstation/site";

/** A real devpi on a network without any way out, under the name that the image's configuration has for it. */
export interface Mirror {
  readonly network: string;
  readonly remove: () => Promise<void>;
}

const target = "/opt/devpi";

/** Starts the mirror; its packages are `workstation-probe` and what that needs, `workstation-probe-base`. */
export async function startMirror(): Promise<Mirror> {
  const program = await installServer();
  const docker = await connection();
  await using started = new AsyncDisposableStack();
  const network = `${testRun}-mirror`;
  const id = await createIsolatedNetwork(docker, network, { [imageLabels.testRun]: testRun });
  started.defer(() => removeNetwork(docker, id));
  const server = await startServer(program, network);
  started.defer(server.remove);
  await server.wrote("the mirror is ready");
  const kept = started.move();
  return { network, remove: () => kept.disposeAsync() };
}

function startServer(program: string, network: string): Promise<StartedContainer> {
  return startContainer([`${target}/bin/python`, "/opt/serve/serve.py", "/tmp/mirror"], {
    network,
    aliases: [new URL(site.mirrors.pypi.indexUrl).hostname],
    binds: [
      { source: program, target, readOnly: true },
      { source: import.meta.dirname, target: "/opt/serve", readOnly: true },
    ],
  });
}

/**
 * Installs devpi-server with the image's own Python into a folder that this account keeps; returns it. This is the only
 * step that needs a network, and what it installs is locked by hash.
 */
async function installServer(): Promise<string> {
  const lock = readFileSync(join(import.meta.dirname, "requirements.lock.txt"));
  const { labels } = await imageDetails();
  const distribution = labels[imageLabels.distribution] ?? "unknown";
  const name = createHash("sha256").update(lock).digest("hex").slice(0, 12);
  const kept = join(cacheFolder(process.env), `devpi-${distribution}-${name}`);
  if (existsSync(kept)) return kept;
  const fresh = `${kept}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  chmodSync(fresh, 0o777);
  const { exitCode, stderr } = await shellInImage(
    `uv venv -q --seed --clear ${target} && uv pip install -q --python ${target}/bin/python --require-hashes -r /opt/serve/requirements.lock.txt`,
    {
      ...asCaller(),
      network: "bridge",
      environment: buildMachineEnvironment(),
      binds: [
        { source: fresh, target, readOnly: false },
        { source: import.meta.dirname, target: "/opt/serve", readOnly: true },
        ...authorities(),
      ],
    },
  );
  if (exitCode !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Error(`devpi-server could not be installed: ${stderr}`);
  }
  keepUnlessKept(fresh, kept);
  return kept;
}

/** The tests of another image, at the same time, may have been faster. */
function keepUnlessKept(fresh: string, kept: string): void {
  try {
    renameSync(fresh, kept);
  } catch (error) {
    if (!existsSync(kept)) throw error;
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** What is installed belongs to whoever runs the tests. */
function asCaller(): Pick<ContainerOptions, "uid" | "gid"> {
  return { uid: process.getuid?.() ?? site.user.uid, gid: process.getgid?.() ?? site.user.gid };
}

const authorityFile = "/opt/authorities.crt";

function authorities(): NonNullable<ContainerOptions["binds"]> {
  const source = process.env.SSL_CERT_FILE;
  return source === undefined ? [] : [{ source, target: authorityFile, readOnly: true }];
}

/** The image's configuration names the mirror that is to be made here; the machine's own index is used instead. */
function buildMachineEnvironment(): Readonly<Record<string, string>> {
  const index = process.env.UV_DEFAULT_INDEX ?? process.env.PIP_INDEX_URL;
  return {
    UV_NO_CONFIG: "1",
    UV_LINK_MODE: "copy",
    UV_HTTP_RETRIES: "5",
    ...(index === undefined ? {} : { UV_DEFAULT_INDEX: index }),
    ...(process.env.SSL_CERT_FILE === undefined ? {} : { SSL_CERT_FILE: authorityFile }),
  };
}
