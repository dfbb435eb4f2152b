import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { DockerConnection } from "../connect.ts";
import { BuildFailure } from "./build-failure.ts";
import { type BuildEvent, decodeTrace } from "./trace.ts";

/** One build by the engine's BuildKit. */
export interface BuildRequest {
  /** The context as a tar archive, its Dockerfile at the root. */
  readonly context: Readable;
  /** References the finished image gets. */
  readonly tags: readonly string[];
  /** Set on the image, outside of the recipe: a new value alone repeats no step. */
  readonly labels: Readonly<Record<string, string>>;
  readonly buildArguments: Readonly<Record<string, string>>;
  readonly noCache?: boolean;
  /** Stops the running step; the promise then rejects with the signal's reason and no tag is set. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: BuildEvent) => void;
}

/** Builds an image and returns its id. Throws `BuildFailure` when a step fails, and only then. */
export async function buildImage(docker: DockerConnection, request: BuildRequest): Promise<string> {
  request.signal?.throwIfAborted();
  const stream = await startBuild(docker, request);
  try {
    return await readBuild(stream, request.onEvent ?? (() => {}));
  } catch (error) {
    request.signal?.throwIfAborted();
    throw error;
  }
}

async function startBuild(docker: DockerConnection, request: BuildRequest): Promise<Readable> {
  try {
    const stream = await docker.buildImage(request.context as NodeJS.ReadableStream, {
      version: "2",
      t: request.tags as unknown as string,
      labels: request.labels as Record<string, string>,
      buildargs: request.buildArguments as Record<string, string>,
      nocache: request.noCache ?? false,
      rm: true,
      forcerm: true,
      ...(request.signal === undefined ? {} : { abortSignal: request.signal }),
    });
    return stream as Readable;
  } catch (error) {
    request.signal?.throwIfAborted();
    throw error;
  }
}

async function readBuild(stream: Readable, tell: (event: BuildEvent) => void): Promise<string> {
  const failure = new BuildFailure();
  let id: string | undefined;
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === "") continue;
    const message = JSON.parse(line) as BuildMessage;
    if (message.error !== undefined) throw failure.becauseOf(message.error);
    if (message.id === "moby.image.id") id = (message.aux as { readonly ID: string }).ID;
    if (message.id !== "moby.buildkit.trace") continue;
    for (const event of decodeTrace(message.aux as string)) {
      failure.remember(event);
      tell(event);
    }
  }
  if (id === undefined) throw failure.becauseOf("the engine ended the build without an image");
  return id;
}

interface BuildMessage {
  readonly id?: string;
  readonly aux?: unknown;
  readonly error?: string;
}
