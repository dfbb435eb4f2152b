import { type DockerConnection, readContainerLog } from "@workstation/docker";

const lastLines = 20;

/** The end of what a container wrote, for an error's text: as much of it as comes within `limitMs`. */
export async function lastWords(docker: DockerConnection, id: string, limitMs = 10_000): Promise<string> {
  const lines: string[] = [];
  const signal = AbortSignal.timeout(limitMs);
  try {
    for await (const line of readContainerLog(docker, id, { tail: lastLines, follow: false, signal })) {
      lines.push(line.data.toString().trimEnd());
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return lines.join("\n");
}
