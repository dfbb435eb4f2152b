import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { connectDocker, dockerAnswers, inspectImage } from "@workstation/docker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, clusterObstacle, startCluster } from "./cluster.ts";

const image = "workstation-base:debian-12";
const obstacle = clusterObstacle() ?? (await imageObstacle());
const inDefault = (kind: string) => `/api/v1/namespaces/default/${kind}`;

async function imageObstacle(): Promise<string | undefined> {
  const engine = await dockerAnswers();
  if (!engine.ok) return `the Docker Engine has the images, and ${engine.reason}`;
  const found = await inspectImage(await connectDocker(), image);
  return found === undefined ? `the Docker Engine has no ${image}` : undefined;
}

interface RuntimeHandler {
  readonly features?: { readonly userNamespaces?: boolean };
}

/** Everything on this machine that carries one of a cluster's names. */
function traces(names: readonly string[]): readonly string[] {
  const lines = (program: string, ...args: string[]) =>
    execFileSync(program, args, { encoding: "utf8" }).split("\n");
  const all = [
    ...lines("ip", "-oneline", "link"),
    ...lines("ip", "route"),
    ...lines("ps", "-eo", "args"),
    ...readFileSync("/proc/self/mounts", "utf8").split("\n"),
    ...globSync(join(tmpdir(), "workstation-*")),
    ...globSync("/sys/fs/cgroup/{,*/}workstation-*"),
  ];
  return all.filter((each) => names.some((name) => each.includes(name)));
}

const namesOf = ({ node, controlPlane, network }: Cluster): readonly string[] => [
  basename(node.folder),
  basename(controlPlane.folder),
  network.name,
];

describe.skipIf(obstacle !== undefined)(`a cluster with a real node ${obstacle ?? ""}`, () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster({ node: { labels: { "example.org/kind": "batch" } } });
    await cluster.node.importImage(image);
  });

  afterAll(() => cluster?.stop());

  const ask = (path: string, method?: string, body?: unknown) =>
    cluster.controlPlane.ask({ path, body, ...(method === undefined ? {} : { method }) });

  const containerOf = (script: string) => ({
    name: "main",
    image,
    imagePullPolicy: "Never",
    command: ["bash", "-c", script],
  });

  async function runPod(name: string, container: object, more: object = {}): Promise<void> {
    const body = {
      metadata: { name, labels: { name } },
      spec: { restartPolicy: "Never", containers: [container], ...more },
    };
    expect(await ask(inDefault("pods"), "POST", body)).toMatchObject({ status: 201 });
  }

  const pod = async (name: string) => (await ask(`${inDefault("pods")}/${name}`)).json();
  const phase = async (name: string) => (await pod(name)).status.phase;
  const log = async (name: string) => (await ask(`${inDefault("pods")}/${name}/log`)).text;
  const ended = (name: string) =>
    expect.poll(() => phase(name), { timeout: 60_000 }).toMatch(/Succeeded|Failed/);

  test("runs a Job to its exit code, and has its log", async () => {
    const jobs = "/apis/batch/v1/namespaces/default/jobs";
    const container = containerOf("echo from the job; exit 7");
    await ask(jobs, "POST", {
      metadata: { name: "seven" },
      spec: { backoffLimit: 0, template: { spec: { restartPolicy: "Never", containers: [container] } } },
    });
    const failed = async () => (await ask(`${jobs}/seven`)).json().status.failed;
    await expect.poll(failed, { timeout: 60_000 }).toBe(1);
    const [made] = (await ask(`${inDefault("pods")}?labelSelector=job-name=seven`)).json().items;
    expect(made.status.containerStatuses[0].state.terminated.exitCode).toBe(7);
    expect(await log(made.metadata.name)).toBe("from the job\n");
  });

  test("gives a pod a token, which the API server takes from it", async () => {
    await runPod(
      "asks",
      containerOf(`cd /var/run/secrets/kubernetes.io/serviceaccount
        exec 3<>"/dev/tcp/$KUBERNETES_SERVICE_HOST/$KUBERNETES_SERVICE_PORT" && echo reached
        cat token`),
    );
    await ended("asks");
    const [reached, token] = (await log("asks")).split("\n");
    expect(reached).toBe("reached");
    const review = await ask("/apis/authentication.k8s.io/v1/tokenreviews", "POST", { spec: { token } });
    expect(review.json().status.user.username).toBe("system:serviceaccount:default:default");
  });

  test("holds a container to its memory, and chooses nodes by labels", async () => {
    const container = {
      ...containerOf("exec perl -e '$held = \"x\" x 200_000_000'"),
      resources: { limits: { memory: "32Mi" } },
    };
    await runPod("greedy", container, { nodeSelector: { "example.org/kind": "batch" } });
    await ended("greedy");
    const { terminated } = (await pod("greedy")).status.containerStatuses[0].state;
    expect(terminated).toMatchObject({ reason: "OOMKilled", exitCode: 137 });
  });

  test("gives a pod users of its own, where runc and kernel can", async ({ skip }) => {
    const { runtimeHandlers } = (await ask("/api/v1/nodes/node")).json().status;
    const can = runtimeHandlers?.some((each: RuntimeHandler) => each.features?.userNamespaces === true);
    skip(can !== true, "runc or the kernel of this machine has no user namespaces for pods");
    await runPod("own-users", containerOf("cat /proc/self/uid_map"), { hostUsers: false });
    await ended("own-users");
    const [inside, outside] = (await log("own-users")).trim().split(/\s+/).map(Number);
    expect(inside).toBe(0);
    expect(outside).toBeGreaterThan(65_535);
  });

  test("leads from a service to its pod, also from this machine", async () => {
    const serve =
      "$all = IO::Socket::INET->new(Listen => 5, LocalPort => 80); $all->accept->print(qq(served)) while 1";
    await runPod("serves", containerOf(`exec perl -MIO::Socket::INET -e '${serve}'`));
    const spec = { selector: { name: "serves" }, ports: [{ port: 8080, targetPort: 80 }] };
    const made = await ask(inDefault("services"), "POST", { metadata: { name: "serves" }, spec });
    const { clusterIP } = made.json().spec;
    const answer = () => {
      const socket = connect({ host: clusterIP, port: 8080 });
      socket.setTimeout(1000, () => socket.destroy(new Error("nobody answers")));
      return text(socket).catch(() => "");
    };
    await expect.poll(answer, { timeout: 60_000 }).toBe("served");
  });

  test("does nothing while it is held", async () => {
    await cluster.node.pause();
    await runPod("waits", containerOf("echo done"));
    const answered = ask("/api/v1/nodes/node/proxy/healthz").then(({ text }) => text);
    expect(await Promise.race([answered, new Promise((held) => setTimeout(held, 2000, "held"))])).toBe(
      "held",
    );
    expect(await phase("waits")).toBe("Pending");
    cluster.node.resume();
    expect(await answered).toBe("ok");
    await ended("waits");
    expect(await phase("waits")).toBe("Succeeded");
  });

  test("has lost what ran when it comes back, and runs again", async () => {
    await runPod("lost", containerOf("echo begun; sleep 600"));
    await expect.poll(() => phase("lost"), { timeout: 60_000 }).toBe("Running");
    await cluster.node.kill();
    await cluster.node.start();
    await expect.poll(() => phase("lost"), { timeout: 60_000 }).toBe("Failed");
    await runPod("after", containerOf("echo again"));
    await ended("after");
    expect(await log("after")).toBe("again\n");
  });

  test("leaves nothing on the machine", async () => {
    const names = namesOf(cluster);
    for (const name of names) expect(traces([name])).not.toEqual([]);
    await cluster.stop();
    expect(traces(names)).toEqual([]);
  });

  test("leaves nothing where the process that started it is killed", async () => {
    const script = `const { startCluster } = await import("${join(import.meta.dirname, "cluster.ts")}");
      const { node, controlPlane, network } = await startCluster();
      console.log(JSON.stringify({ node, controlPlane, network }));
      setInterval(() => undefined, 60_000);`;
    const starter = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said] = await once(starter.stdout, "data");
    const names = namesOf(JSON.parse(String(said)));
    for (const name of names) expect(traces([name])).not.toEqual([]);
    starter.kill("SIGKILL");
    await expect.poll(() => traces(names), { timeout: 60_000 }).toEqual([]);
  });
});
