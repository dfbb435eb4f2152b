import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { DockerConnection } from "../connect.ts";
import { ask, withSignal } from "../containers/docker-fault.ts";

/** Makes an image of one layer, without a name, from a tar archive of a root file system; returns its id. */
export async function importImage(
  docker: DockerConnection,
  archive: Readable,
  labels: Readonly<Record<string, string>>,
): Promise<string> {
  const changes = Object.entries(labels).map(([name, value]) => `LABEL ${name}=${JSON.stringify(value)}`);
  const stream = await ask(() => docker.importImage(archive as unknown as string, { changes }));
  let id: string | undefined;
  await readMessages(stream as unknown as Readable, (message) => {
    id = message.status ?? id;
  });
  if (id === undefined) throw new Error("the engine ended the import without an image");
  return id;
}

/**
 * Pulls an image. Rejects when the registry says no, or nothing at all for `patienceMs`
 * (a pull that makes progress may take its time).
 */
export async function pullImage(
  docker: DockerConnection,
  reference: string,
  options: {
    readonly signal: AbortSignal;
    readonly patienceMs: number;
    /** For a registry that wants a login; given to the engine in a header of the request. */
    readonly login?: { readonly user: string; readonly password: string; readonly identityToken?: string };
  },
): Promise<void> {
  const silence = new AbortController();
  const abortSignal = AbortSignal.any([options.signal, silence.signal]);
  const giveUp = (): void =>
    silence.abort(new Error(`no answer from the registry in ${options.patienceMs / 1000} s`));
  let timer = setTimeout(giveUp, options.patienceMs);
  try {
    const { login } = options;
    const authconfig = login && {
      username: login.user,
      password: login.password,
      serveraddress: reference.split("/")[0] ?? "",
      ...(login.identityToken === undefined ? {} : { identitytoken: login.identityToken }),
    };
    const stream = await ask(() =>
      docker.createImage({ fromImage: reference, abortSignal, ...(authconfig && { authconfig }) }),
    );
    await readMessages(stream as Readable, () => {
      clearTimeout(timer);
      timer = setTimeout(giveUp, options.patienceMs);
    });
  } catch (error) {
    abortSignal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The digest that a registry gives for a reference now, asked through the engine; aborted, it throws the signal's reason. */
export async function registryDigest(
  docker: DockerConnection,
  reference: string,
  abortSignal: AbortSignal,
): Promise<string> {
  const engine = withSignal(docker, abortSignal);
  try {
    const answer = await ask(() => engine.getImage(reference).distribution());
    return (answer as { readonly Descriptor: { readonly digest: string } }).Descriptor.digest;
  } catch (error) {
    abortSignal.throwIfAborted();
    throw error;
  }
}

interface ProgressMessage {
  readonly status?: string;
  readonly error?: string;
}

async function readMessages(stream: Readable, tell: (message: ProgressMessage) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) {
    if (line.trim() === "") continue;
    const message = JSON.parse(line) as ProgressMessage;
    if (message.error !== undefined) throw new Error(message.error);
    tell(message);
  }
}
