import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectDocker } from "./connect.ts";
import { daemonInfo } from "./containers/daemon-info.ts";
import { listImages } from "./images/images.ts";

test("requests name no API version, so that no engine refuses them as too old or too new", async () => {
  const folder = mkdtempSync(join(tmpdir(), "workstation-connect-"));
  const asked: string[] = [];
  const engine = createServer(({ url = "" }, response) => {
    asked.push(url.split("?")[0] ?? "");
    response.end(url.startsWith("/images") ? "[]" : "{}");
  });
  await once(engine.listen(join(folder, "docker.sock")), "listening");
  const docker = await connectDocker(`unix://${folder}/docker.sock`);
  await daemonInfo(docker);
  await listImages(docker);
  engine.close();
  rmSync(folder, { recursive: true });
  expect(asked).toEqual(["/_ping", "/version", "/info", "/images/json"]);
});
