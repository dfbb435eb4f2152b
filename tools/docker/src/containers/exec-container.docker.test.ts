import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDocker, type DockerConnection } from "../connect.ts";
import { execInContainer } from "./exec-container.ts";
import { removeContainer, stopContainer } from "./run-container.ts";

const name = `exec-test-${randomBytes(4).toString("hex")}`;
let docker: DockerConnection;

beforeAll(async () => {
  docker = await connectDocker();
  const container = await docker.createContainer({
    name,
    Image: "workstation-base:debian-12",
    Cmd: ["sleep", "600"],
    HostConfig: { NetworkMode: "none", Init: true },
  });
  await container.start();
});

afterAll(async () => {
  await stopContainer(docker, name, 0);
  await removeContainer(docker, name);
});

const run = (line: string, limits: Partial<Parameters<typeof execInContainer>[2]> = {}) =>
  execInContainer(docker, name, { command: ["bash", "-c", line], ...limits });

test("a command's streams and its exit code come back, with characters that two pieces share", async () => {
  const end = await run("printf 'gr\\303'; sleep 0.2; printf '\\274n'; echo err >&2; exit 7");
  expect(end).toEqual({ exitCode: 7, stdout: "gr\u00fcn", stderr: "err\n" });
});

test("one that waits for ever is let go of at the limit, and named", async () => {
  const waiting = run("mkfifo /tmp/fifo; cat /tmp/fifo", { limitMs: 700 });
  await expect(waiting).rejects.toMatchObject({
    code: "EXEC_TOO_LONG",
    message: "bash did not end within 0.7 s in its container",
  });
});

test("one that writes without end is let go of at the limit", async () => {
  await expect(run("yes", { outputLimitBytes: 100_000 })).rejects.toMatchObject({
    code: "EXEC_TOO_LOUD",
    message: "bash wrote more than 100000 bytes in its container",
  });
});

test("whoever waits can stop waiting", async () => {
  const person = new AbortController();
  const waiting = run("sleep 300", { signal: person.signal });
  setTimeout(() => person.abort(new Error("Ctrl-C")), 300);
  await expect(waiting).rejects.toThrow("Ctrl-C");
});
