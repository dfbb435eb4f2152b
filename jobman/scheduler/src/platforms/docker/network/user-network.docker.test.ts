import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { listNetworks } from "@workstation/docker";
import { containerLabels } from "@workstation/site";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AdmissionRequest } from "../../engine.ts";
import { type DockerFixture, makeDockerFixture } from "../../testing/docker-fixture.ts";
import { firewallObstacle } from "../../testing/firewall-obstacle.ts";
import { readLines } from "../../testing/output-lines.ts";
import { containerNames } from "../containers/job-objects.ts";
import { bridgePrefix, removeFirewall } from "./firewall.ts";
import { insistOnFirewall } from "./user-network.ts";

const obstacle = firewallObstacle();

describe.skipIf(obstacle !== undefined)(
  `jobs at a site with services ${obstacle ?? ""}`,
  { timeout: 60_000 },
  () => {
    let fixture: DockerFixture;
    let service: Server;
    let closed: Server;
    let outside: Outside;
    const host = Object.values(networkInterfaces())
      .flat()
      .find((each) => each?.family === "IPv4" && !each.internal)?.address;
    const portOf = (server: Server): number => (server.address() as AddressInfo).port;

    beforeAll(async () => {
      service = await answering("served");
      closed = await answering("never");
      const plain = await makeDockerFixture();
      await plain.dispose();
      outside = await makeOutside();
      const services = [
        { host: host ?? "", port: portOf(service) },
        { host: outside.address, port: 3141 },
      ];
      fixture = await makeDockerFixture({
        site: { ...plain.site, network: { services, pool: "10.213.248.0/24" } },
      });
    });
    afterAll(async () => {
      await fixture.dispose();
      await removeFirewall(fixture.instance);
      service.close();
      closed.close();
      await outside.dispose();
    });

    async function start(owner: string, script: string): Promise<AdmissionRequest> {
      const request = fixture.request({ owner, arguments: ["bash", "-c", script] });
      await fixture.engine.create(request);
      expect((await fixture.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "admitted" });
      return request;
    }

    async function outputOf(request: AdmissionRequest): Promise<string> {
      const log = fixture.engine.log(request.spec.id, { follow: true, signal: AbortSignal.timeout(50_000) });
      return (await readLines(log)).map((line) => line.data).join("");
    }

    const ask = (address: string, port: number): string =>
      `(exec 3<>/dev/tcp/${address}/${port} && head -1 <&3) 2>/dev/null || echo refused`;

    // Current engines drop a packet for another bridge's address before any rule can refuse it.
    const askBriefly = (address: string, port: number): string =>
      `timeout 4 bash -c '${ask(address, port)}' || echo refused`;

    it("reach the service, and no other port of the host, at any of its addresses", async () => {
      const script = `${ask(host ?? "", portOf(service))}; ${ask(host ?? "", portOf(closed))}
      gateway=$(awk '$2 == "00000000" { print $3 }' /proc/net/route | sed 's/\\(..\\)\\(..\\)\\(..\\)\\(..\\)/0x\\4 0x\\3 0x\\2 0x\\1/')
      ${ask("$(printf '%d.%d.%d.%d' $gateway)", portOf(closed))}
      ${ask("203.0.113.1", 443)}`;
      expect(await outputOf(await start("alice", script))).toBe("served\nrefused\nrefused\nrefused\n");
    });

    it("reach a service on another machine, and no other port of that", async () => {
      const script = `${ask(outside.address, 3141)}; ${ask(outside.address, 3142)}`;
      expect(await outputOf(await start("alice", script))).toBe("outside\nrefused\n");
    });

    it("get no name resolved, and are told so soon", async () => {
      const script = "SECONDS=0; getent hosts example.org; echo $? $((SECONDS < 5))";
      expect(await outputOf(await start("alice", script))).toBe("2 1\n");
    });

    it("of two users exchange no packet", async () => {
      const listen = `perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalPort => 8080, Listen => 5) or die; $| = 1;
      print "listening\\n"; while (my $c = $s->accept) { print $c "open\\n"; close $c }'`;
      const bob = await start("bob", listen);
      for await (const _ of fixture.engine.log(bob.spec.id, {
        follow: true,
        signal: AbortSignal.timeout(20_000),
      }))
        break;
      const [name] = containerNames(fixture.instance, bob.spec.id);
      const networks = (await fixture.docker.getContainer(name).inspect()).NetworkSettings.Networks;
      const address = networks[`${fixture.instance}-net-bob`]?.IPAddress ?? "";
      expect(address).toMatch(/^10\.213\.248\./);
      expect(await outputOf(await start("alice", askBriefly(address, 8080)))).toBe("refused\n");
      expect(await outputOf(await start("bob", askBriefly(address, 8080)))).toBe("refused\n");
      const own = await fixture.docker
        .getContainer(name)
        .exec({ Cmd: ["bash", "-c", ask("127.0.0.1", 8080)], AttachStdout: true });
      expect(String(await Array.fromAsync(await own.start({})))).toContain("open");
      await fixture.engine.end(bob.spec.id, { graceSeconds: 0, keep: false });
    });

    it("start even when a prune took their network", async () => {
      const request = fixture.request({
        owner: "carol",
        arguments: ["bash", "-c", ask(host ?? "", portOf(service))],
      });
      await fixture.engine.create(request);
      const network = (await listNetworks(fixture.docker)).find(
        (each) => each.name === `${fixture.instance}-net-carol`,
      );
      await fixture.docker.getNetwork(network?.id ?? "").remove();
      expect((await fixture.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "admitted" });
      expect(await outputOf(request)).toBe("served\n");
    });

    it("lose their network with the last of them", async () => {
      const request = await start("dave", "true");
      const names = async () => (await listNetworks(fixture.docker)).map((each) => each.name);
      expect(await names()).toContain(`${fixture.instance}-net-dave`);
      await outputOf(request);
      await fixture.engine.end(request.spec.id, { graceSeconds: 0, keep: false });
      const stop = new AbortController();
      const watching = (async () => {
        for await (const _ of fixture.engine.watch(stop.signal));
      })();
      await expect.poll(names, { timeout: 20_000 }).not.toContain(`${fixture.instance}-net-dave`);
      expect(await names()).toContain(`${fixture.instance}-net-alice`);
      stop.abort();
      await watching;
    });

    it("keep their rules when these are put in force again", async () => {
      const rules = () =>
        execFileSync("iptables", ["-S"], { encoding: "utf8" })
          .split("\n")
          .filter((line) => line.includes(`WORKSTATION-${bridgePrefix(fixture.instance)}`));
      const before = rules();
      await start("alice", "true");
      expect(rules()).toEqual(before);
      expect(before).toHaveLength(12);
    });

    it("keep their network and rules when the scheduler leaves, and nothing stays once none needs them", async () => {
      const rules = (): string => execFileSync("iptables-save", { encoding: "utf8" });
      const networks = async () =>
        (await listNetworks(fixture.docker)).filter((each) =>
          each.name.startsWith(`${fixture.instance}-net-`),
        );
      const job = await start("alice", "sleep 600");
      await fixture.engine.leave();
      expect((await networks()).map((each) => each.name)).toContain(`${fixture.instance}-net-alice`);
      expect(rules()).toContain(bridgePrefix(fixture.instance));
      const containers = await fixture.docker.listContainers({ all: true });
      const own = containers.filter((each) => each.Labels[containerLabels.instance] === fixture.instance);
      for (const each of own) await fixture.docker.getContainer(each.Id).remove({ force: true });
      expect(own.map((each) => each.Labels[containerLabels.id])).toContain(job.spec.id);
      await fixture.engine.leave();
      expect(await networks()).toEqual([]);
      expect(rules()).not.toContain(bridgePrefix(fixture.instance));
    });
  },
);

describe("a site with services", () => {
  it("is refused where the rest of the network could not be closed", async () => {
    const fixture = await makeDockerFixture();
    const site = {
      ...fixture.site,
      network: { ...fixture.site.network, services: [{ host: "10.0.0.5", port: 1 }] },
    };
    const code = expect.objectContaining({ code: "NETWORK_NEEDS_ROOT" });
    expect(() => insistOnFirewall(site, { uid: 1000, local: true })).toThrow(code);
    expect(() => insistOnFirewall(site, { uid: 0, local: false })).toThrow(code);
    insistOnFirewall(site, { uid: 0, local: true });
    insistOnFirewall(fixture.site, { uid: 1000, local: false });
    await fixture.dispose();
  });
});

interface Outside {
  readonly address: string;
  dispose(): Promise<void>;
}

/** Another machine: a network namespace behind the host, which answers on two ports. */
async function makeOutside(): Promise<Outside> {
  const name = `wt${randomBytes(3).toString("hex")}`;
  const ip = (...argv: string[]) => execFileSync("ip", argv);
  ip("netns", "add", name);
  ip("link", "add", `${name}a`, "type", "veth", "peer", "name", `${name}b`, "netns", name);
  ip("address", "add", "198.51.100.1/30", "dev", `${name}a`);
  ip("link", "set", `${name}a`, "up");
  ip("-n", name, "address", "add", "198.51.100.2/30", "dev", `${name}b`);
  ip("-n", name, "link", "set", `${name}b`, "up");
  const script = `const { createServer } = require("node:net"); let ready = 0;
    for (const port of [3141, 3142]) createServer((socket) => socket.end("outside\\n")).listen(port, () => ++ready === 2 && console.log("up"));`;
  const server = spawn("ip", ["netns", "exec", name, process.execPath, "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(server.stdout, "data");
  return {
    address: "198.51.100.2",
    async dispose() {
      const gone = once(server, "exit");
      server.kill();
      await gone;
      ip("netns", "delete", name);
    },
  };
}

async function answering(text: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end(`${text}\n`);
  });
  server.listen(0, "0.0.0.0");
  await once(server, "listening");
  return server;
}
