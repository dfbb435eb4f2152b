import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DockerFixture, makeDockerFixture } from "../../testing/docker-fixture.ts";
import { firewallObstacle } from "../../testing/firewall-obstacle.ts";
import { createDockerEngine } from "../docker-engine.ts";
import { bridgePrefix, removeFirewall } from "./firewall.ts";

const obstacle = firewallObstacle();

describe.skipIf(obstacle !== undefined)(
  `rules around jobs that a tool of the machine took away ${obstacle ?? ""}`,
  { timeout: 60_000 },
  () => {
    let fixture: DockerFixture;
    beforeAll(async () => {
      const plain = await makeDockerFixture();
      await plain.dispose();
      const network = { services: [{ host: "192.0.2.7", port: 3141 }], pool: "10.213.247.0/24" };
      fixture = await makeDockerFixture({ site: { ...plain.site, network } });
    });
    afterAll(async () => {
      await fixture.dispose();
      await removeFirewall(fixture.instance);
    });

    const iptables = (...argv: string[]) =>
      execFileSync("iptables", ["--wait", ...argv], { encoding: "utf8" });
    const chain = (direction: string) => `WORKSTATION-${bridgePrefix(fixture.instance)}-${direction}`;
    const rules = () =>
      iptables("-S")
        .split("\n")
        .filter((line) => line.includes(bridgePrefix(fixture.instance)))
        .sort();
    const takeJump = () =>
      iptables("-D", "DOCKER-USER", "-i", `${bridgePrefix(fixture.instance)}+`, "-j", chain("F"));
    const takeRules = () => iptables("-F", chain("I"));

    function watchFirewall() {
      const said: string[] = [];
      const faults: unknown[] = [];
      const engine = createDockerEngine({
        ...fixture,
        report: (fault) => void faults.push(fault),
        onProblems: (where, found) => {
          if (where === "firewall") said.push(...found.map((each) => each.message));
        },
        checkSeconds: 0.2,
      });
      const stop = new AbortController();
      const events = engine.watch(stop.signal)[Symbol.asyncIterator]();
      return { said, faults, events, stop };
    }

    it("are back before a scheduler that starts admits anything, and while it serves, and the operator hears of it", async () => {
      const job = fixture.request({ owner: "alice", arguments: ["sleep", "600"] });
      await fixture.engine.create(job);
      await fixture.engine.admit([job]);
      const whole = rules();
      takeJump();
      const { said, faults, events, stop } = watchFirewall();
      await events.next();
      expect([rules(), said, faults]).toEqual([
        whole,
        [expect.stringContaining("had been removed")],
        [expect.any(Error)],
      ]);
      const next = events.next();
      // A jump that is taken while the rules are put back is put back with them, and told once.
      for (const [index, take] of [takeRules, takeJump].entries()) {
        take();
        await expect
          .poll(() => [rules(), said.length, faults.length], { timeout: 10_000 })
          .toEqual([whole, index + 2, index + 2]);
      }
      stop.abort();
      await next;
      await fixture.engine.end(job.spec.id, { graceSeconds: 0, keep: false });
    });

    it("are put back without a word where no job ran without them, as after a reboot", async () => {
      const waiting = fixture.request({ owner: "bob", arguments: ["true"] });
      await fixture.engine.create(waiting);
      const whole = rules();
      await removeFirewall(fixture.instance);
      const { said, faults, events, stop } = watchFirewall();
      await events.next();
      stop.abort();
      expect([rules(), said, faults]).toEqual([whole, [], []]);
    });
  },
);
