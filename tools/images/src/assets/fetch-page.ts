import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { formatBytes, formatDuration } from "@workstation/cli";

/** How long a page may say nothing: before its answer, and in the middle of it. Going on, it may take what it takes. */
export interface Patience {
  readonly answerMs: number;
  readonly stallMs: number;
}

/** A download: where it goes, and what ends it. */
export interface Download {
  readonly file: string;
  readonly signal: AbortSignal;
  readonly patience: Patience;
  /** A page that gives more than so many bytes is given up. */
  readonly mostBytes: number;
}

/**
 * Downloads a page into a file; memory does not grow with it. Throws when the page refuses, does not answer, is silent
 * for longer than it may, or does not end; then the file holds a part.
 */
export async function fetchPage(url: string, download: Download): Promise<void> {
  const { file, signal, patience, mostBytes } = download;
  const silence = watchSilence();
  silence.allow(patience.answerMs);
  const asked = { signal: AbortSignal.any([signal, silence.signal]) };
  let bytes = 0;
  async function* watched(body: AsyncIterable<Uint8Array> | readonly Uint8Array[]) {
    for await (const chunk of body) {
      silence.allow(patience.stallMs);
      bytes += chunk.length;
      if (bytes > mostBytes) return;
      yield chunk;
    }
  }
  try {
    const response = await fetch(url, asked).catch(failing(`${url} does not answer`));
    if (!response.ok) throw new Error(`${url} answers ${response.status}`);
    silence.allow(patience.stallMs);
    const body = watched(response.body ?? []);
    await pipeline(body, createWriteStream(file)).catch(failing(`${url} stops in the middle`));
  } finally {
    silence.end();
  }
  if (bytes > mostBytes) throw new Error(`${url} gives more than ${formatBytes(mostBytes)}`);
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
