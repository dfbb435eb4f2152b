import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { exitCodes, UserError } from "@workstation/cli";
import type { ControlPlane } from "@workstation/cluster";
import { type BuildPlace, type GoPrograms, obtainGoPrograms, runLogged } from "@workstation/programs";
import { flavorCount, flavorName, slotsPerFlavor, userName } from "./bench-site.ts";
import { end, freePorts, usageOf } from "./process.ts";
import type { World } from "./world.ts";

const module = "sigs.k8s.io/kueue";
export const kueueVersion = "v0.19.2";

const apiVersion = "kueue.x-k8s.io/v1beta2";

const programs: GoPrograms = {
  name: "kueue",
  modules: [
    {
      ...{ module, version: kueueVersion, packages: ["/cmd/kueue"], minutes: 6, pure: true },
      flags: ["-ldflags", "-s -w"],
    },
  ],
  fault: (reason) =>
    new UserError("KUEUE_MISSING", `Kueue cannot be built here: ${reason}`, {
      hint: "install Go",
      exitCode: exitCodes.unavailable,
    }),
};

/** Kueue as a process, whose queues are the flavors. */
export interface RunningKueue {
  usage(): { readonly residentBytes: number };
  stop(): Promise<void>;
}

/** Builds it where it was not yet, has the API server know its objects, and starts it. Throws `KUEUE_MISSING`. */
export async function startKueue(world: World, place: BuildPlace): Promise<RunningKueue> {
  const folder = await obtainGoPrograms(programs, place);
  await applyDefinitions(world.controlPlane, place);
  await makeQueues(world.controlPlane);
  return start(world.controlPlane, join(folder, "kueue"));
}

/** A queue for each flavor, as docs/operate/kubernetes.md has it, in the namespace of the first user. */
async function makeQueues({ ask }: ControlPlane): Promise<void> {
  const make = async (path: string, object: object): Promise<void> => {
    const body = { apiVersion, ...object };
    const answer = await ask({ method: "POST", path: `/apis/${apiVersion}/${path}`, body });
    if (answer.status !== 201) throw new Error(answer.text);
  };
  const metadata = { name: "workstation" };
  await make("resourceflavors", { kind: "ResourceFlavor", metadata });
  for (let index = 0; index < flavorCount; index += 1) {
    const name = flavorName(index);
    const resources = [
      { name: "cpu", nominalQuota: slotsPerFlavor },
      { name: "memory", nominalQuota: `${slotsPerFlavor}G` },
      { name: "pods", nominalQuota: slotsPerFlavor },
    ];
    const coveredResources = resources.map((each) => each.name);
    await make("clusterqueues", {
      kind: "ClusterQueue",
      metadata: { name },
      spec: {
        queueingStrategy: "StrictFIFO",
        namespaceSelector: {},
        resourceGroups: [{ coveredResources, flavors: [{ name: metadata.name, resources }] }],
      },
    });
    await make(`namespaces/user-${userName(0)}/localqueues`, {
      kind: "LocalQueue",
      metadata: { name },
      spec: { clusterQueue: name },
    });
  }
}

/** Resolves when all of them are served. */
async function applyDefinitions({ ask }: ControlPlane, { log }: BuildPlace): Promise<void> {
  const argv = ["go", "mod", "download", "-json", `${module}@${kueueVersion}`] as const;
  const { Dir } = JSON.parse(await runLogged(argv, { log })) as { readonly Dir: string };
  const folder = join(Dir, "config/components/crd/bases");
  for (const file of readdirSync(folder)) {
    // kueue.x-k8s.io_localqueues.yaml
    const name = file.replace(/^(.*)_(.*)\.yaml$/, "$2.$1");
    const answer = await ask({
      method: "PATCH",
      path: `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}?fieldManager=bench&force=true`,
      headers: { "content-type": "application/apply-patch+yaml" },
      body: readFileSync(join(folder, file), "utf8"),
    });
    if (answer.status >= 300) throw new Error(answer.text);
    const [plural] = name.split(".");
    const served = async (): Promise<boolean> =>
      (await ask({ path: `/apis/${apiVersion}` })).text.includes(`"name":"${plural}"`);
    while (!(await served())) await pause(100);
  }
}

/**
 * Without its webhooks, which the API server would ask at each write: they change nothing in jobs as these. It reads its
 * certificates below /etc, so it gets an /etc of its own, for itself alone. It ends with
 * the bench.
 */
const withOwnEtc = [
  "mount -t tmpfs -o mode=755 tmpfs /etc",
  "mkdir -p /etc/kueue/metrics/certs",
  'cp "$0"/tls.* /etc/kueue/metrics/certs/',
  'exec setpriv --pdeathsig KILL "$@"',
].join(" && ");

async function start(controlPlane: ControlPlane, program: string): Promise<RunningKueue> {
  const folder = mkdtempSync(join(controlPlane.folder, "kueue-"));
  const certificate = await controlPlane.issue({ name: "kueue", hosts: ["127.0.0.1"] });
  copyFileSync(certificate.certificateFile, join(folder, "tls.crt"));
  copyFileSync(certificate.keyFile, join(folder, "tls.key"));
  const [port = 0] = await freePorts(1);
  const configuration = join(folder, "configuration.yaml");
  writeFileSync(configuration, JSON.stringify(configurationIn(folder, port)));
  const kubeconfig = await controlPlane.kubeconfigFor({ user: "kueue", groups: ["system:masters"] });
  const child = spawn(
    "unshare",
    [
      ...["--map-root-user", "--mount", "sh", "-c", withOwnEtc, folder, program],
      ...[
        "--config",
        configuration,
        "--feature-gates",
        "VisibilityOnDemand=false",
        "--zap-log-level",
        "error",
      ],
    ],
    { env: { ...process.env, KUBECONFIG: kubeconfig }, stdio: ["ignore", "ignore", "inherit"] },
  );
  return { usage: () => usageOf(child), stop: () => end(child) };
}

/** As it is delivered, but for what it would serve to others. */
function configurationIn(folder: string, port: number): object {
  return {
    apiVersion: "config.kueue.x-k8s.io/v1beta2",
    kind: "Configuration",
    health: { healthProbeBindAddress: "0" },
    metrics: { bindAddress: "0" },
    webhook: { host: "127.0.0.1", port, certDir: folder },
    leaderElection: { leaderElect: false },
    internalCertManagement: { enable: false },
    clientConnection: { qps: 300, burst: 500 },
    integrations: { frameworks: ["batch/job"] },
  };
}
