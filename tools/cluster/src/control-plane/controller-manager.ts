import { type ControlledProcess, controlledProcess } from "../processes/controlled-process.ts";
import { accountKeyFile } from "./api-server.ts";
import { asker } from "./ask.ts";
import { loopback, type Place } from "./place.ts";

/** What makes pods of Jobs, removes what is owned by nobody, and gives each namespace its service account. */
export async function controllerManager(
  { folder, programs, authority, ports, administrator }: Place,
  { kubeconfig, flags = [] }: { readonly kubeconfig: string; readonly flags?: readonly string[] | undefined },
): Promise<ControlledProcess> {
  const own = await authority.issue("controller-manager", { name: "controller-manager", hosts: [loopback] });
  const ask = asker(`https://${loopback}:${ports.controllerManager}`, authority.certificate, administrator);
  return controlledProcess({
    name: "kube-controller-manager",
    folder,
    argv: [
      programs["kube-controller-manager"],
      `--kubeconfig=${kubeconfig}`,
      `--bind-address=${loopback}`,
      `--secure-port=${ports.controllerManager}`,
      `--tls-cert-file=${own.certificateFile}`,
      `--tls-private-key-file=${own.keyFile}`,
      `--service-account-private-key-file=${accountKeyFile(folder)}`,
      `--root-ca-file=${authority.certificateFile}`,
      "--use-service-account-credentials=true",
      "--leader-elect=false",
      "--concurrent-job-syncs=20",
      "--kube-api-qps=1000",
      "--kube-api-burst=2000",
      ...flags,
    ],
    ready: async () => (await ask({ path: "/healthz" })).status === 200,
  });
}
