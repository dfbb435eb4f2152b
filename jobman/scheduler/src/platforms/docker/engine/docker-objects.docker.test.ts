import { PassThrough } from "node:stream";
import {
  connectDocker,
  type DockerConnection,
  inspectContainer,
  listUnusedVolumes,
} from "@workstation/docker";
import { containerLabels } from "@workstation/site";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { CreateRequest, EngineJob } from "../../engine.ts";
import { type DockerFixture, makeDockerFixture, testImage } from "../../testing/docker-fixture.ts";
import { pieceText } from "../../testing/output-lines.ts";
import { type Watcher, watchEngine } from "../../testing/watcher.ts";
import { containerNames, instanceLabel } from "../containers/job-objects.ts";
import { observeJob } from "./observe.ts";

describe("the objects of the Docker engine", { timeout: 60_000 }, () => {
  let fixture: DockerFixture;
  let watcher: Watcher;
  beforeAll(async () => {
    fixture = await makeDockerFixture({ checkSeconds: 0.3 });
  });
  afterAll(() => fixture.dispose());
  beforeEach(() => {
    watcher = watchEngine(fixture.engine);
  });
  afterEach(() => watcher.stop());

  async function hold(script: string): Promise<CreateRequest> {
    const request = fixture.request({ arguments: ["bash", "-c", script] });
    await fixture.engine.create(request);
    return request;
  }

  async function start(script: string): Promise<string> {
    const request = await hold(script);
    expect((await fixture.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "admitted" });
    return request.spec.id;
  }

  const container = (id: string) => fixture.docker.getContainer(containerNames(fixture.instance, id)[0]);
  const unusedVolumes = () => listUnusedVolumes(fixture.docker, instanceLabel(fixture.instance));

  it("a paused job still holds its slot, and is stopped all the same", async () => {
    const id = await start("sleep 600");
    await watcher.phase(id, "running");
    await container(id).pause();
    expect(watcher.jobs.get(id)).toMatchObject({ phase: "running" });
    await fixture.engine.end(id, { graceSeconds: 1, keep: false });
    await watcher.removed(id);
  });

  it("a job that somebody else removed is told as removed, and its volumes go too", async () => {
    const id = await start("sleep 600");
    await watcher.phase(id, "running");
    await container(id).remove({ force: true });
    await watcher.removed(id);
    await expect.poll(unusedVolumes, { timeout: 20_000 }).toEqual([]);
    await fixture.engine.end(id, { graceSeconds: 1, keep: true });
  });

  it("what its owner gave is in its environment and nowhere else", async () => {
    const request = fixture.request({ arguments: ["true"] }, { TOKEN: "very-secret" });
    await fixture.engine.create(request);
    const { Config, Mounts, HostConfig } = await container(request.spec.id).inspect();
    expect(Config.Env).toContain("TOKEN=very-secret");
    expect(JSON.stringify([{ ...Config, Env: [] }, Mounts, HostConfig])).not.toContain("very-secret");
    const volumes = await fixture.docker.listVolumes({
      filters: { label: [`${containerLabels.id}=${request.spec.id}`] },
    } as object);
    expect(volumes.Volumes.map((each) => ownLabels(each.Labels))).toEqual(
      Array(2).fill({
        [containerLabels.instance]: fixture.instance,
        [containerLabels.kind]: "job",
        [containerLabels.id]: request.spec.id,
        [containerLabels.owner]: "alice",
      }),
    );
  });

  it("a running job that somebody else removed was not killed by its own hand, at whatever moment one looks", async () => {
    let ends: readonly EngineJob[] = [];
    // The moment between the kill and the removal is short: not every look meets it.
    while (ends.length === 0) ends = await endsSeenWhileRemoved(await start("sleep 600"));
    expect(ends.filter((each) => each.removed !== true)).toEqual([]);
  });

  async function endsSeenWhileRemoved(id: string): Promise<readonly EngineJob[]> {
    await watcher.phase(id, "running");
    const removal = container(id).remove({ force: true, v: true });
    const seen: EngineJob[] = [];
    for (;;) {
      const state = await inspectContainer(fixture.docker, containerNames(fixture.instance, id)[0]);
      if (state === undefined) break;
      const job = observeJob(state, {});
      if (job?.phase === "ended") seen.push(job);
    }
    await removal;
    return seen;
  }

  it("leaves no volume behind", async () => {
    const id = await start("echo x > /tmp/x");
    await watcher.phase(id, "ended");
    await fixture.engine.end(id, { graceSeconds: 1, keep: false });
    const all = await fixture.docker.listVolumes({
      filters: { label: [`${containerLabels.id}=${id}`] },
    } as object);
    expect(all.Volumes ?? []).toEqual([]);
  });

  it("a container of the same name that is not ours is neither taken nor touched", async () => {
    const request = fixture.request({ arguments: ["true"] });
    const [name] = containerNames(fixture.instance, request.spec.id);
    const labels = { [containerLabels.instance]: `${fixture.instance}-other`, [containerLabels.kind]: "job" };
    const foreign = await fixture.docker.createContainer({
      name,
      Image: testImage,
      Cmd: ["true"],
      Labels: labels,
    });
    await expect(fixture.engine.create(request)).rejects.toMatchObject({ code: "NAME_IN_USE" });
    expect((await fixture.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "gone" });
    await fixture.engine.end(request.spec.id, { graceSeconds: 0, keep: false });
    expect((await foreign.inspect()).State.Status).toBe("created");
    await foreign.remove();
  });

  it("many jobs of one cycle start side by side, each once", async () => {
    const requests = await Promise.all(Array.from({ length: 8 }, (_, index) => hold(`exit ${index}`)));
    const outcomes = await fixture.engine.admit(requests);
    expect([...outcomes.values()].map((each) => each.outcome)).toEqual(Array(8).fill("admitted"));
    for (const [index, { spec }] of requests.entries()) {
      expect(await watcher.phase(spec.id, "ended")).toMatchObject({ exitCode: index });
    }
  });
});

describe("a watch that no event reaches", { timeout: 60_000 }, () => {
  it("finds by its full lists what happened", async () => {
    const docker = await connectDocker();
    const deaf: DockerConnection = Object.assign(Object.create(docker), {
      getEvents: async () => new PassThrough(),
    });
    const fixture = await makeDockerFixture({ docker: deaf, checkSeconds: 0.2 });
    onTestFinished(() => fixture.dispose());
    const watcher = watchEngine(fixture.engine);
    await watcher.until(() => watcher.snapshots === 1);
    const request = fixture.request({ arguments: ["bash", "-c", "exit 4"] });
    await fixture.engine.create(request);
    await watcher.phase(request.spec.id, "held");
    await fixture.engine.admit([request]);
    expect(await watcher.phase(request.spec.id, "ended")).toMatchObject({ exitCode: 4 });
    await fixture.engine.end(request.spec.id, { graceSeconds: 1, keep: false });
    await watcher.removed(request.spec.id);
    expect(watcher.snapshots).toBe(1);
    await watcher.stop();
  });
});

describe("a watch that begins while something happens", { timeout: 60_000 }, () => {
  it("misses nothing between its list and its first event", async () => {
    const docker = await connectDocker();
    let meanwhile: (() => Promise<unknown>) | undefined;
    const busy: DockerConnection = Object.assign(Object.create(docker), {
      async listContainers(query: object) {
        const seen = await docker.listContainers(query);
        await meanwhile?.();
        meanwhile = undefined;
        return seen;
      },
    });
    const fixture = await makeDockerFixture({ docker: busy });
    onTestFinished(() => fixture.dispose());
    const request = fixture.request({ arguments: ["bash", "-c", "exit 4"] });
    await fixture.engine.create(request);
    meanwhile = () => fixture.engine.admit([request]);
    const watcher = watchEngine(fixture.engine);
    expect(await watcher.phase(request.spec.id, "ended")).toMatchObject({ exitCode: 4 });
    expect(watcher.snapshots).toBe(1);
    await watcher.stop();
  });
});

describe("a log that is larger than what is kept", { timeout: 120_000 }, () => {
  it("is told once to each reader: what came and what is gone are all of it", async () => {
    const plain = await makeDockerFixture();
    onTestFinished(() => plain.dispose());
    const site = { ...plain.site, limits: { ...plain.site.limits, logSize: 500_000 } };
    const fixture = await makeDockerFixture({ site });
    onTestFinished(() => fixture.dispose());
    const request = fixture.request({ arguments: ["bash", "-c", "seq -f 'line %.0f' 500000"] });
    const { id } = request.spec;
    const read = () =>
      Array.fromAsync(fixture.engine.log(id, { follow: true, signal: AbortSignal.timeout(60_000) }));
    await fixture.engine.create(request);
    const following = read();
    await fixture.engine.admit([request]);
    for (const pieces of [await following, await read()]) {
      const gaps = pieces.filter((piece) => "gone" in piece);
      const text = pieces.map(pieceText).join("");
      const lost = gaps.reduce((sum, piece) => sum + piece.gone.lines, 0);
      expect(lost + text.split("\n").length - 1).toBe(500_000);
      expect(text.endsWith("\nline 500000\n")).toBe(true);
    }
    const [first, ...rest] = await read();
    expect(first).toMatchObject({ gone: { cause: "limit", keptBytes: 500_000 } });
    expect(rest.some((piece) => "gone" in piece)).toBe(false);
  });
});

/** Without what some engines add to a volume that has no name. */
function ownLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).filter(([name]) => !name.startsWith("com.docker.volume.")),
  );
}
