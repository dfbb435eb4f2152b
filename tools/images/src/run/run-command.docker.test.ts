import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import {
  connectDocker,
  containerAddress,
  type DockerConnection,
  inspectContainer,
  publishedPorts,
} from "@workstation/docker";
import { execa } from "execa";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { removeAfterTest, run, runLine, useStandInDesktop } from "../testing/stand-in-desktop.ts";
import { inboundNetworks } from "./run-settings.ts";

const { unique, image, start } = useStandInDesktop();
let docker: DockerConnection;
beforeAll(async () => {
  docker = await connectDocker();
});

test("a command has the caller's streams and gives its exit code; a desktop's image then starts none", async () => {
  const name = `${unique}-e`;
  const running = start(name, "--", "bash", "-c", "cat; echo err >&2; echo $WORKSTATION_KIND; exit 7");
  running.stdin?.end("piped\n");
  const { stdout, stderr, exitCode } = await running;
  expect({ stdout, exitCode }).toEqual({ stdout: "piped\njob", exitCode: 7 });
  expect(stderr).toContain("err");
  expect(await inspectContainer(docker, name)).toBeUndefined();
});

test("a terminal is as large as the person's, and its keys reach the container", async () => {
  const name = `${unique}-h`;
  const inside = `trap 'echo caught; exit 6' INT; until [ "$(stty size)" = "33 101" ]; do sleep 0.1; done
    echo ready; while :; do sleep 0.1; done`;
  const words = runLine(image, "--name", name, "--", "bash", "-c", inside);
  const line = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  // script(1) gives the command a terminal of its own.
  const running = execa("script", ["-qec", `stty rows 33 cols 101; ${line}`, "/dev/null"], { reject: false });
  removeAfterTest(name);
  let seen = "";
  running.stdout.on("data", (bytes: Buffer) => {
    seen += bytes;
  });
  await vi.waitUntil(() => seen.includes("ready"), { timeout: 60_000, interval: 50 });
  running.stdin.write("\u0003");
  const { exitCode } = await running;
  expect(seen).toContain("caught");
  expect(exitCode).toBe(6);
});

test("a port lets this machine in; containers do not reach each other, nor any other address of the machine or beyond it", async () => {
  const [name, other] = [`${unique}-f`, `${unique}-g`];
  const serve = `exec perl -MIO::Socket::INET -e '$SIG{TERM} = sub { exit }; my $s = IO::Socket::INET->new(LocalPort => 8000, Listen => 5, ReuseAddr => 1) or die;
    while (my $c = $s->accept) { print $c "hello\\n"; close $c }'`;
  const started = await start(name, "--publish", "8000", "--detach", "--json", "--", "bash", "-c", serve);
  const [port] = await publishedPorts(docker, name);
  const told = { ports: [{ host: "127.0.0.1", port: port?.hostPort, containerPort: 8000 }] };
  expect(JSON.parse(started.stdout)).toEqual({ apiVersion: "v1", name, image, owner: null, ...told });
  const call = ["-c", `exec 3<>/dev/tcp/127.0.0.1/${port?.hostPort}; cat <&3`];
  await vi.waitFor(async () => expect((await execa("bash", call)).stdout).toBe("hello"), { timeout: 30_000 });
  const address = await containerAddress(docker, name, inboundNetworks["this machine"]);
  const elsewhere = createServer((socket) => socket.end("reached\n")).listen(0, "0.0.0.0");
  await once(elsewhere, "listening");
  const { port: open } = elsewhere.address() as AddressInfo;
  onTestFinished(() => void elsewhere.close());
  // What listens on the bridge itself is in its network; docs/operate/images.md says so.
  const { Id } = await docker.getNetwork(inboundNetworks["this machine"]).inspect();
  const mine = Object.entries(networkInterfaces())
    .flatMap(([device, each]) => (device === `br-${Id.slice(0, 12)}` ? [] : (each ?? [])))
    .filter((each) => each.family === "IPv4" && !each.internal);
  const outside = mine.map((each) => `timeout 2 bash -c 'exec 3<>/dev/tcp/${each.address}/${open}; cat <&3'`);
  const probe = `${outside.join("; ")}; timeout 2 bash -c 'exec 3<>/dev/tcp/${address}/8000' || echo closed; getent hosts example.org`;
  const { stdout } = await start(other, "--publish", "8000", "--", "bash", "-c", probe);
  expect(stdout).toBe("closed");
});

test("a container that `images run` did not make is none to stop", async () => {
  const refused = await run("--stop", "no-such");
  expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("no-such") });
});
