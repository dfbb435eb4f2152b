import { formatDuration } from "@workstation/cli";

/** How long a page may say nothing: before its answer, and in the middle of it. Going on, it may take what it takes. */
export interface Patience {
  readonly answerMs: number;
  readonly stallMs: number;
}

/** Downloads a page. Throws when it refuses, does not answer, or is silent for longer than it may. */
export async function fetchPage(url: string, signal: AbortSignal, patience: Patience): Promise<Buffer> {
  const silence = watchSilence();
  silence.allow(patience.answerMs);
  const asked = { signal: AbortSignal.any([signal, silence.signal]) };
  try {
    const response = await fetch(url, asked).catch(failing(`${url} does not answer`));
    if (!response.ok) throw new Error(`${url} answers ${response.status}`);
    const chunks: Uint8Array[] = [];
    silence.allow(patience.stallMs);
    const read = async (): Promise<void> => {
      for await (const chunk of response.body ?? []) {
        silence.allow(patience.stallMs);
        chunks.push(chunk);
      }
    };
    await read().catch(failing(`${url} stops in the middle`));
    return Buffer.concat(chunks);
  } finally {
    silence.end();
  }
}

/** A signal that fires when nobody has asked for more time for as long as was last allowed. */
function watchSilence() {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => clearTimeout(timer);
  const allow = (ms: number): void => {
    end();
    timer = setTimeout(() => stop.abort(new Error(`silent for ${formatDuration(ms / 1000)}`)), ms);
  };
  return { signal: stop.signal, allow, end };
}

/** fetch says "fetch failed" and keeps the reason. */
function failing(what: string): (error: Error) => never {
  return (error) => {
    const { message } = error.cause instanceof Error ? error.cause : error;
    throw new Error(`${what} (${message})`);
  };
}
