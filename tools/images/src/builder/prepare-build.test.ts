import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connectDocker } from "@workstation/docker";
import { expect, onTestFinished, test } from "vitest";
import { readPlan } from "../plan/read-plan.ts";
import { makeSmallFamily } from "../testing/small-family.ts";
import { prepareBuild } from "./prepare-build.ts";

/** An engine of a machine that nobody has here, as far as it is asked what it is. */
async function engineOf(Arch: string) {
  const server = createServer((request, response) => {
    const isVersion = request.url?.endsWith("/version") ?? false;
    response.writeHead(request.url?.endsWith("/_ping") || isVersion ? 200 : 404);
    response.end(isVersion ? JSON.stringify({ Os: "linux", Arch }) : "{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return connectDocker(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

test("an engine of another architecture is refused by name, before anything is planned, with the way out", async () => {
  const project = makeSmallFamily();
  const docker = await engineOf("arm64");
  onTestFinished(() => project.remove());
  const workspace = project.workspace();
  const refused = {
    code: "ENGINE_PLATFORM",
    message: "this Docker Engine is linux/arm64; the images are for linux/amd64",
    hint: expect.stringContaining("DOCKER_HOST"),
  };
  await expect(readPlan(docker, workspace, { names: [] })).rejects.toMatchObject(refused);
  await expect(prepareBuild(docker, workspace, [])).rejects.toMatchObject(refused);
});
