import { readFileSync } from "node:fs";
import { readContainerLog, removeContainer, startContainer, stopContainer } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { connection, imageUnderTest, testRun, waitForText } from "./container.ts";

/** Hears every packet of a container's network. */
export interface Listener {
  /** What was heard since it began. */
  readonly lines: () => Promise<readonly string[]>;
  readonly remove: () => Promise<void>;
}

/** Starts a program in a container of its own that shares the network of another one, and may look at its packets. */
export async function listenBeside(container: string, program: string): Promise<Listener> {
  const docker = await connection();
  const { id } = await docker.createContainer({
    Image: imageUnderTest(),
    Labels: { [imageLabels.testRun]: testRun },
    User: "0",
    Entrypoint: ["python3", "-c", readFileSync(program, "utf8")],
    Cmd: [],
    HostConfig: {
      NetworkMode: `container:${container}`,
      CapDrop: ["ALL"],
      CapAdd: ["NET_RAW", "NET_ADMIN"],
    },
  });
  const remove = async (): Promise<void> => {
    await stopContainer(docker, id, 0);
    await removeContainer(docker, id);
  };
  try {
    const start = await startContainer(docker, id);
    if (start.outcome !== "started") throw new Error(`nobody listens: ${JSON.stringify(start)}`);
    await waitForText(docker, id, "listening\n");
  } catch (error) {
    await remove();
    throw error;
  }
  return { lines: () => heard(id), remove };
}

async function heard(id: string): Promise<readonly string[]> {
  const asked = { follow: false, signal: AbortSignal.timeout(60_000) };
  const lines = await Array.fromAsync(readContainerLog(await connection(), id, asked));
  const texts = lines
    .filter(({ stream }) => stream === "stdout")
    .map(({ data }) => data.toString().trimEnd());
  return texts.filter((text) => text !== "" && text !== "listening");
}
