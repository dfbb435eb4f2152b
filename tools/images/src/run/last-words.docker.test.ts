import {
  connectDocker,
  readContainerLog,
  removeContainer,
  startContainer,
  waitForContainer,
} from "@workstation/docker";
import { expect, onTestFinished, test } from "vitest";
import { makeHelperContainer } from "../testing/helper-container.ts";
import { lastWords } from "./last-words.ts";

const docker = await connectDocker();

async function makeTalker(): Promise<string> {
  const talk = "seq 1 50000; printf 'the end'";
  const settings = { image: "workstation-base:debian-12", command: ["bash", "-c", talk] };
  const id = await makeHelperContainer(docker, settings);
  onTestFinished(() => removeContainer(docker, id));
  await startContainer(docker, id);
  await waitForContainer(docker, id, AbortSignal.timeout(60_000));
  return id;
}

test("the end of what a container wrote is its last twenty lines, and the engine sends no more", async () => {
  const id = await makeTalker();
  const numbers = Array.from({ length: 19 }, (_, index) => String(49_982 + index));
  expect(await lastWords(docker, id)).toBe([...numbers, "the end"].join("\n"));
  const asked = { tail: 3, follow: false, signal: AbortSignal.timeout(60_000) };
  const sent = await Array.fromAsync(readContainerLog(docker, id, asked));
  expect(sent.map(({ data }) => data.toString())).toEqual(["49999\n", "50000\n", "the end"]);
});

test("words that do not come in time take no other error's place", async () => {
  expect(await lastWords(docker, await makeTalker(), 0)).toBe("");
});

test("a container that is gone has none, and that is told", async () => {
  await expect(lastWords(docker, "no-such-container")).rejects.toMatchObject({ statusCode: 404 });
});
