import { asker } from "../control-plane/ask.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { type ControlledProcess, controlledProcess } from "../processes/controlled-process.ts";
import { freePorts } from "../processes/free-ports.ts";

const address = "127.0.0.1";

/** What gives pods their node; runs beside the API server. */
export async function kubeScheduler(
  controlPlane: ControlPlane,
  { folder, program }: { readonly folder: string; readonly program: string },
): Promise<ControlledProcess> {
  const [port = 0] = await freePorts(1, address);
  const own = await controlPlane.issue({ name: "kube-scheduler", hosts: [address] });
  const ask = asker(`https://${address}:${port}`, controlPlane.certificateAuthority, own);
  const kubeconfig = await controlPlane.kubeconfigFor({ user: "system:kube-scheduler" });
  return controlledProcess({
    name: "kube-scheduler",
    folder,
    argv: [
      program,
      `--kubeconfig=${kubeconfig}`,
      `--bind-address=${address}`,
      `--secure-port=${port}`,
      `--tls-cert-file=${own.certificateFile}`,
      `--tls-private-key-file=${own.keyFile}`,
      "--leader-elect=false",
    ],
    ready: async () => (await ask({ path: "/healthz" })).status === 200,
  });
}
