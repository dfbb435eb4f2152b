import { readFileSync } from "node:fs";
import { imageLabels } from "@workstation/site";
import { execa } from "execa";
import { imageUnderTest, testRun } from "./container.ts";

/** Hears every packet of a container's network. */
export interface Listener {
  /** What was heard since it began. */
  readonly lines: () => Promise<readonly string[]>;
  readonly remove: () => Promise<void>;
}

/** Starts a program in a container of its own that shares the network of another one, and may look at its packets. */
export async function listenBeside(container: string, program: string): Promise<Listener> {
  const { stdout: id } = await execa("docker", [
    "run",
    "--detach",
    `--label=${imageLabels.testRun}=${testRun}`,
    `--network=container:${container}`,
    "--user=0",
    "--cap-drop=ALL",
    "--cap-add=NET_RAW",
    "--cap-add=NET_ADMIN",
    "--entrypoint=python3",
    imageUnderTest(),
    "-c",
    readFileSync(program, "utf8"),
  ]);
  const heard = async () => (await execa("docker", ["logs", id])).stdout.split("\n");
  for (let lines = await heard(); !lines.includes("listening"); lines = await heard()) {
    const { stdout } = await execa("docker", ["inspect", "--format={{.State.Running}}", id]);
    if (stdout !== "true") throw new Error((await execa("docker", ["logs", id], { all: true })).all);
  }
  return {
    lines: async () => (await heard()).filter((line) => line !== "" && line !== "listening"),
    remove: async () => {
      await execa("docker", ["rm", "--force", id]);
    },
  };
}
