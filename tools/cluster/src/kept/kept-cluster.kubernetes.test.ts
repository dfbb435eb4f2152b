import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { clusterObstacle } from "../cluster/cluster.ts";
import { findKeptCluster, type KeptCluster, keepCluster, removeKeptCluster } from "./kept-cluster.ts";

const obstacle = clusterObstacle();

async function answers({ kubeconfig, url }: KeptCluster): Promise<number | undefined> {
  const { clusters, users } = JSON.parse(readFileSync(kubeconfig, "utf8"));
  const decoded = (text: string) => Buffer.from(text, "base64");
  const asked = request(new URL("/readyz", url), {
    ca: decoded(clusters[0].cluster["certificate-authority-data"]),
    cert: decoded(users[0].user["client-certificate-data"]),
    key: decoded(users[0].user["client-key-data"]),
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  asked.on("response", (response) => resolve(response.resume().statusCode)).on("error", reject);
  asked.end();
  return promise;
}

describe.skipIf(obstacle !== undefined)(`a cluster that is kept ${obstacle ?? ""}`, () => {
  const folder = join(mkdtempSync(join(tmpdir(), "workstation-kept-")), "state");

  afterAll(async () => {
    await removeKeptCluster(folder);
    rmSync(join(folder, ".."), { recursive: true });
  });

  test("is started once, can be asked by whoever reads its folder, and goes when it is removed", async () => {
    expect(findKeptCluster(folder)).toBeUndefined();
    const kept = await keepCluster(folder);
    expect(await answers(kept)).toBe(200);
    expect(statSync(kept.kubeconfig).mode & 0o077).toBe(0);
    expect(await keepCluster(folder)).toEqual(kept);
    expect(await removeKeptCluster(folder)).toBe(true);
    expect(existsSync(kept.nodeFolder)).toBe(false);
    expect(existsSync(kept.kubeconfig)).toBe(false);
    expect(await removeKeptCluster(folder)).toBe(false);
  });

  test("is not there any more where its keeper was killed, and can be made anew", async () => {
    const first = await keepCluster(folder);
    process.kill(first.pid, "SIGKILL");
    await expect.poll(() => findKeptCluster(folder), { timeout: 60_000 }).toBeUndefined();
    const second = await keepCluster(folder);
    expect(second.pid).not.toBe(first.pid);
    expect(await answers(second)).toBe(200);
  });
});
