import { readFileSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { connectDocker, type DockerConnection, daemonSocket, listContainers } from "@workstation/docker";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { makeDockerFixture } from "../../testing/docker-fixture.ts";
import { readLines } from "../../testing/output-lines.ts";
import { containerNames, instanceLabel, jobLabels } from "../containers/job-objects.ts";

/** The machine's own engine behind a network address, as one on another machine is. */
describe("an engine that is reached over tcp", { timeout: 60_000 }, () => {
  const sockets = new Set<Socket>();
  let door: Server;
  let remote: DockerConnection;
  beforeAll(async () => {
    const path = daemonSocket(await connectDocker());
    door = createServer((outside) => {
      const inside = createConnection({ path: path ?? "" });
      for (const socket of [outside, inside]) {
        sockets.add(socket);
        socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
      }
      outside.pipe(inside).pipe(outside);
    });
    await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
    const address = door.address();
    remote = await connectDocker(`tcp://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    door.close();
  });

  /** More than this kernel gives anybody, so that every engine refuses it. */
  const tooMany = 2 * Number(readFileSync("/proc/sys/fs/nr_open", "utf8"));

  async function makeFixture(openFiles: number) {
    const told: unknown[] = [];
    const plain = await makeDockerFixture();
    onTestFinished(() => plain.dispose());
    const site = { ...plain.site, limits: { ...plain.site.limits, openFiles } };
    const fixture = await makeDockerFixture({ docker: remote, site, report: (fault) => told.push(fault) });
    onTestFinished(() => fixture.dispose());
    return { fixture, told };
  }

  it("runs jobs with as many open files as it may give, and says once that these are fewer", async () => {
    const { fixture, told } = await makeFixture(tooMany);
    for (const run of ["first", "second"]) {
      const request = fixture.request({ arguments: ["bash", "-c", `echo ${run} $(ulimit -n)`] });
      await fixture.engine.create(request);
      expect((await fixture.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "admitted" });
      const log = fixture.engine.log(request.spec.id, { follow: true, signal: AbortSignal.timeout(30_000) });
      const [line] = await readLines(log);
      expect(line?.data).toMatch(new RegExp(`^${run} \\d{3,}\n$`));
    }
    expect(told).toMatchObject([
      { code: "OPEN_FILES_LOWERED", message: expect.stringContaining("limits.openFiles") },
    ]);
    const rows = await listContainers(fixture.docker, instanceLabel(fixture.instance));
    expect(rows.map((row) => row.labels["workstation.kind"]).filter((kind) => kind !== "job")).toEqual([]);
  });

  it("gives what the site says where it can", async () => {
    const { fixture, told } = await makeFixture(1000);
    const request = fixture.request({ arguments: ["bash", "-c", "ulimit -n"] });
    await fixture.engine.create(request);
    await fixture.engine.admit([request]);
    const log = fixture.engine.log(request.spec.id, { follow: true, signal: AbortSignal.timeout(30_000) });
    expect((await readLines(log)).map((line) => line.data)).toEqual(["1000\n"]);
    expect(told).toEqual([]);
  });

  it("names limits.openFiles when a job that was made earlier asks for too many", async () => {
    const { fixture } = await makeFixture(1000);
    const { spec, resources } = fixture.request({ arguments: ["true"] });
    await fixture.docker.createContainer({
      name: containerNames(fixture.instance, spec.id)[0],
      Image: spec.image,
      Cmd: ["true"],
      Labels: jobLabels(fixture.instance, spec, undefined),
      HostConfig: { Ulimits: [{ Name: "nofile", Soft: tooMany, Hard: tooMany }] },
    });
    expect((await fixture.engine.admit([{ spec, resources }])).get(spec.id)).toMatchObject({
      outcome: "failed",
      message: expect.stringContaining("limits.openFiles in site.yaml"),
    });
  });
});
