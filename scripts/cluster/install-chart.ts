import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { chartFolder, chartProgram, siteValues } from "@workstation/chart";
import { parseImageReference, type Reporter } from "@workstation/cli";
import { askKept } from "@workstation/cluster";
import { runLogged } from "@workstation/programs";
import { parseSite } from "@workstation/site";
import { familyNames } from "../chart-values.ts";
import { projectPath } from "../start/context.ts";
import { apply } from "./apply.ts";
import { type ClusterRun, keptOf, serviceAddress } from "./cluster-run.ts";
import { siteHere } from "./site-here.ts";

/** Installs the chart with helm, and waits until its two replicas answer; again where something has changed. */
export async function installChart(run: ClusterRun, reporter: Reporter): Promise<void> {
  const { at } = run;
  const kept = keptOf(at);
  const { namespace } = run.site.kubernetes;
  const ask = askKept(kept);
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  await apply(ask, [{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } }]);
  const values = join(at.folder, "values.json");
  writeFileSync(values, JSON.stringify(await valuesOf(run), null, 1));
  const helm = chartProgram("helm");
  const install = ["upgrade", "--install", "workstation", chartFolder, "--wait", "--timeout", "5m"];
  const where = ["--namespace", namespace, "--kubeconfig", kept.kubeconfig, "--values", values];
  reporter.progress("helm waits until both replicas are ready");
  await runLogged([helm, ...install, ...where], { log: join(at.folder, "helm.log") });
  const secret = await ask({ path: `/api/v1/namespaces/${namespace}/secrets/scheduler-tls` });
  writeFileSync(at.authority, Buffer.from(secret.json().data["ca.crt"], "base64"));
  reporter.info(`two replicas in ${namespace} answer at https://${serviceAddress(kept)}`);
}

async function valuesOf({ at, images }: ClusterRun): Promise<object> {
  const committed = readFileSync(projectPath("site.yaml"), "utf8");
  const text = siteHere(committed, { cores: availableParallelism(), memoryBytes: totalmem() });
  writeFileSync(at.siteFile, text);
  const site = parseSite(text, at.siteFile);
  const address = serviceAddress(keptOf(at));
  const { name: repository, tag } = parseImageReference(images.scheduler);
  return {
    site: siteValues(site, await familyNames(site), text),
    image: { repository, tag, pullPolicy: "Never" },
    service: { address },
    tls: { addresses: [address] },
  };
}
