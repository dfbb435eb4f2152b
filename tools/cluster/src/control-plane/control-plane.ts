import { join } from "node:path";
import { type Certificate, createAuthority, type Subject } from "../certificates/authority.ts";
import type { ControlledProcess } from "../processes/controlled-process.ts";
import { freePorts } from "../processes/free-ports.ts";
import { makeOwnFolder } from "../processes/own-folder.ts";
import { findControlPlanePrograms } from "../programs/programs.ts";
import { type ApiServerOptions, apiServer, auditLogFile } from "./api-server.ts";
import { type Ask, asker } from "./ask.ts";
import { controllerManager } from "./controller-manager.ts";
import { etcd } from "./etcd.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { apiServerUrl, loopback, type Place } from "./place.ts";

/** A real API server with its etcd and, mostly, controller-manager: everything of Kubernetes but nodes. */
export interface ControlPlane {
  readonly url: string;
  /** The certificate that signs for the server, PEM. */
  readonly certificateAuthority: string;
  /** The kubeconfig file of an administrator. */
  readonly kubeconfig: string;
  /** The kubeconfig file of somebody, of the same kind as `askAs`. */
  kubeconfigFor(user: User): Promise<string>;
  /** Signs for a server of a test's own, or for a client. */
  issue(subject: Subject): Promise<Certificate>;
  /** The API server's audit log: a line of JSON for each answered request, with its user, verb, object and status. */
  readonly auditLog: string;
  /** Everything that belongs to it; the processes' logs are there. */
  readonly folder: string;
  /** Asks the API server as the administrator. */
  readonly ask: Ask;
  /** Asks it as somebody with a client certificate, who may do what RBAC allows. */
  askAs(user: User): Promise<Ask>;
  /** For faults. Throws for what was not started. */
  process(name: ProcessName): ControlledProcess;
  /** Ends the processes and removes the folder. */
  stop(): Promise<void>;
}

export interface User {
  readonly user: string;
  readonly groups?: readonly string[];
}

export type ProcessName = "etcd" | "kube-apiserver" | "kube-controller-manager";

export interface ControlPlaneOptions extends ApiServerOptions {
  /** Where the API server listens; loopback when nothing is said. */
  readonly address?: string;
  /** Addresses of services; the first is the API server's own among them. */
  readonly serviceRange?: string;
  /** Without it Jobs make no pods. It is there when nothing is said. */
  readonly controllerManager?: boolean;
  readonly controllerManagerFlags?: readonly string[];
}

/**
 * Starts one on free ports; resolves when it is ready. It ends with this process, however that ends. Throws
 * `KUBERNETES_MISSING` where its programs are not there: `obtainControlPlanePrograms` gets them.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const programs = findControlPlanePrograms();
  const folder = makeOwnFolder("workstation-kubernetes-");
  const started: ControlledProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((each) => each.kill()));
    folder.remove();
  };
  try {
    const authority = await createAuthority(join(folder.path, "certificates"));
    const administrator = await authority.issue("administrator", administratorSubject);
    const [apiServerPort = 0] = await freePorts(1, options.address ?? loopback);
    const [etcdPort = 0, etcdPeers = 0, managerPort = 0] = await freePorts(3, loopback);
    const ports = { apiServer: apiServerPort, etcd: etcdPort, etcdPeers, controllerManager: managerPort };
    const { address = loopback, serviceRange = "10.213.96.0/20" } = options;
    const place = { folder: folder.path, programs, authority, address, serviceRange, ports, administrator };
    const kubeconfig = kubeconfigWriter(place)(administrator);
    started.push(await etcd(place), await apiServer(place, options));
    if (options.controllerManager !== false) {
      const flags = options.controllerManagerFlags;
      started.push(await controllerManager(place, { kubeconfig, flags }));
    }
    for (const each of started) await each.start();
    return { ...handles(place, started), kubeconfig, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const administratorSubject: Subject = { name: "administrator", groups: ["system:masters"] };

function kubeconfigWriter(place: Place): (client: Certificate) => string {
  const server = { url: apiServerUrl(place), authority: place.authority.certificate };
  return (client) => writeKubeconfig(client.keyFile.replace(/\.key$/, ".kubeconfig"), server, client);
}

function handles(
  place: Place,
  processes: readonly ControlledProcess[],
): Omit<ControlPlane, "kubeconfig" | "stop"> {
  const { authority, folder, administrator } = place;
  let issued = 0;
  const issue = (subject: Subject): Promise<Certificate> => {
    issued += 1;
    return authority.issue(`issued-${issued}`, subject);
  };
  const certify = ({ user, groups = [] }: User): Promise<Certificate> => issue({ name: user, groups });
  return {
    url: apiServerUrl(place),
    certificateAuthority: authority.certificate,
    auditLog: auditLogFile(folder),
    folder,
    ask: asker(apiServerUrl(place), authority.certificate, administrator),
    issue,
    askAs: async (user) => asker(apiServerUrl(place), authority.certificate, await certify(user)),
    kubeconfigFor: async (user) => kubeconfigWriter(place)(await certify(user)),
    process(name) {
      const found = processes.find((each) => each.name === name);
      if (found === undefined) throw new Error(`${name} was not started in this control plane`);
      return found;
    },
  };
}
