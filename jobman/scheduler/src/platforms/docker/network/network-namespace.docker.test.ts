import { connectDocker } from "@workstation/docker";
import {
  makePrivateDaemon,
  type PrivateDaemon,
  privateDaemonObstacle,
} from "@workstation/docker/private-daemon";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DockerFixture, makeDockerFixture, testImage } from "../../testing/docker-fixture.ts";
import { removeFirewall } from "./firewall.ts";

const obstacle = privateDaemonObstacle();

describe.skipIf(obstacle !== undefined)(
  `an engine in a network namespace that is not the scheduler's ${obstacle ?? ""}`,
  { timeout: 120_000 },
  () => {
    let dockerd: PrivateDaemon;
    let fixture: DockerFixture;
    beforeAll(async () => {
      dockerd = await makePrivateDaemon({ network: true });
      await dockerd.copyImage(await connectDocker(), testImage);
      const plain = await makeDockerFixture({ docker: dockerd.docker });
      await plain.dispose();
      const network = { services: [{ host: "192.0.2.7", port: 3141 }], pool: "10.213.249.0/24" };
      fixture = await makeDockerFixture({ docker: dockerd.docker, site: { ...plain.site, network } });
    });
    afterAll(async () => {
      await fixture.dispose();
      await removeFirewall(fixture.instance);
      await dockerd.dispose();
    });

    it("gets no job with a network, because its rules would hold nobody back", async () => {
      const request = fixture.request({ arguments: ["true"] });
      await expect(fixture.engine.create(request)).rejects.toMatchObject({
        code: "FIREWALL_FAILED",
        hint: expect.stringContaining("nsenter --net="),
      });
      expect((await fixture.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "gone" });
    });
  },
);
