import { attachToContainer, type DockerConnection, type OutputFrame } from "@workstation/docker";

/** A container's output through a connection that is read ahead a little, while something else is being done. */
export interface LiveOutput {
  /** Milliseconds since the epoch: what was written later comes here. */
  readonly since: number;
  /** What came so far of one stream and was not taken. */
  waiting(stream: OutputFrame["stream"]): Buffer;
  /** All that came and comes; ends and throws as the connection does. */
  take(): AsyncIterable<OutputFrame>;
  close(): void;
}

/** More than this is left with the engine, which lets the container wait. */
const readAheadBytes = 1024 * 1024;

export async function openLiveOutput(
  docker: DockerConnection,
  container: string,
  signal: AbortSignal,
): Promise<LiveOutput> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const source = (await attachToContainer(docker, container, both))[Symbol.asyncIterator]();
  const since = Date.now();
  const ahead: Promise<IteratorResult<OutputFrame>>[] = [];
  const arrived: OutputFrame[] = [];
  let bytes = 0;
  let taking = false;
  const read = (): void => {
    const next = source.next();
    ahead.push(next);
    next.then(
      ({ done, value }) => {
        if (done === true || taking) return;
        arrived.push(value);
        bytes += value.data.length;
        if (bytes < readAheadBytes) read();
      },
      () => undefined,
    );
  };
  read();
  return {
    since,
    close: () => stop.abort(),
    waiting: (stream) =>
      Buffer.concat(arrived.filter((frame) => frame.stream === stream).map((frame) => frame.data)),
    async *take() {
      taking = true;
      for (let next = await (ahead.shift() ?? source.next()); next.done !== true; ) {
        yield next.value;
        next = await (ahead.shift() ?? source.next());
      }
    },
  };
}
