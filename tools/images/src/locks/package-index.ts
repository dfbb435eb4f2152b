const patienceMs = 3_000;

/** Why a package index is out of reach from this machine, as a sentence; undefined: it answers. */
export async function indexProblem(url: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/`, {
      method: "HEAD",
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    });
    return response.ok ? undefined : `the package index ${url} does not answer (${response.status})`;
  } catch {
    signal.throwIfAborted();
    return `the package index ${url} does not answer`;
  }
}
