import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type Ask, type Cluster, startCluster } from "@workstation/cluster";
import { plainImage } from "@workstation/scheduler/testing";
import { userManifests } from "@workstation/scheduler/user-manifests";
import { parseSite, type Site } from "@workstation/site";
import { renderChart } from "../render.ts";
import { siteValues } from "../site-values.ts";
import { applyManifests } from "./apply.ts";
import { startReplica } from "./replica.ts";
import { giveEverything, rulesHold } from "./use-rules.ts";

const project = join(import.meta.dirname, "../../../..");
const jobman = join(project, "jobman/client/bin/jobman.js");

/** A cluster with a node and the chart's rules, on which the real scheduler runs beside it under its account. */
export interface OneNode {
  readonly cluster: Cluster;
  /** A researcher with every right in `user-anna`. */
  readonly anna: Ask;
  /** What the scheduler said. */
  log(): string;
  /** Runs jobman as anna's desktop does. */
  jobman(
    ...argv: readonly string[]
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
  dispose(): Promise<void>;
}

export async function startOneNode(): Promise<OneNode> {
  const folder = mkdtempSync(join(tmpdir(), "workstation-one-node-"));
  const cluster = await startCluster();
  const { controlPlane } = cluster;
  await cluster.node.importImage(plainImage);
  const file = siteFile(folder);
  const site = parseSite(readFileSync(file, "utf8"), file);
  await install(controlPlane.ask, { site, file, folder });
  const anna = await controlPlane.askAs({ user: "anna" });
  await rulesHold(anna, plainImage);
  const scheduler = await startReplica(controlPlane, { site: file });
  const environment = await desktopOf(cluster, { folder, url: scheduler.url });
  return {
    cluster,
    anna,
    log: scheduler.log,
    jobman: (...argv) => run([process.execPath, jobman, ...argv], environment),
    dispose: async () => {
      await scheduler.kill("SIGKILL");
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const flavors = `flavors:
  - { name: short, slots: 1, cores: 0.2, memory: 64MB, timeLimit: 4s }
  - { name: long, slots: 1, cores: 0.2, memory: 64MB, timeLimit: 1h }
`;

/** The committed site with flavors that fit a small node, and homes and a shared folder alone. */
function siteFile(folder: string): string {
  const file = join(folder, "site.yaml");
  const changed = readFileSync(join(project, "site.yaml"), "utf8")
    .replace(/^flavors:[\s\S]*?(?=^limits:)/m, `${flavors}\n`)
    .replace("flavor: no-gpu", "flavor: long")
    .replace("allowed: [family]", `allowed: [${JSON.stringify(plainImage)}]`)
    .replace("image: ubuntu-python:latest", `image: ${JSON.stringify(plainImage)}`)
    .replace(/stopGrace: \S+/, "stopGrace: 1s")
    .replace(/datasets: \{.*\}/, "datasets: null")
    .replace(/datalake: \{.*\}/, "datalake: null");
  writeFileSync(file, changed);
  return file;
}

async function install(
  ask: Ask,
  { site, file, folder }: { readonly site: Site; readonly file: string; readonly folder: string },
): Promise<void> {
  await applyManifests(ask, [{ apiVersion: "v1", kind: "Namespace", metadata: { name: "workstation" } }]);
  const values = { site: siteValues(site, [], readFileSync(file, "utf8")) };
  await applyManifests(ask, await renderChart(join(project, "jobman/chart"), { values }));
  const user = { name: "anna", uid: 20_001, gid: 20_001, datasets: [] };
  await applyManifests(ask, userManifests(site, user));
  await giveEverything(ask, "anna");
  await applyManifests(ask, [
    volume("home-of-anna", join(folder, "home"), {
      claimRef: { namespace: "user-anna", name: "persistent-home" },
    }),
    volume("user-anna-persistent-shared-folder", join(folder, "shared")),
  ]);
}

function volume(name: string, path: string, more: object = {}) {
  mkdirSync(path);
  chownSync(path, 20_001, 20_001);
  const capacity = { storage: "100Gi" };
  const spec = {
    capacity,
    accessModes: ["ReadWriteMany"],
    storageClassName: "",
    hostPath: { path },
    ...more,
  };
  return { apiVersion: "v1", kind: "PersistentVolume", metadata: { name }, spec };
}

/** What a desktop of anna's holds: a token for the scheduler, and where that is. */
async function desktopOf(
  { controlPlane }: Cluster,
  { folder, url }: { readonly folder: string; readonly url: string },
) {
  const path = "/api/v1/namespaces/user-anna/serviceaccounts/default/token";
  const body = { spec: { audiences: ["jobman"] } };
  const { token } = (await controlPlane.ask({ method: "POST", path, body })).json().status;
  writeFileSync(join(folder, "token"), token);
  writeFileSync(join(folder, "ca.crt"), controlPlane.certificateAuthority);
  return {
    JOBMAN_URL: url,
    JOBMAN_TOKEN_FILE: join(folder, "token"),
    JOBMAN_CA_FILE: join(folder, "ca.crt"),
  };
}

async function run(argv: readonly [string, ...string[]], env: Readonly<Record<string, string>>) {
  const [file, ...rest] = argv;
  const child = spawn(file, rest, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const [[code], stdout, stderr] = await Promise.all([
    once(child, "close"),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code: Number(code), stdout, stderr };
}
