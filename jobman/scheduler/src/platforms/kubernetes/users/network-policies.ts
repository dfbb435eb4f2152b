import { isIPv4 } from "node:net";
import type { Site } from "@workstation/site";
import type { UserManifest } from "./manifest.ts";

interface Service {
  readonly host: string;
  readonly port: number;
}

/**
 * Nobody reaches a user's pods, and they reach the scheduler, the package mirror and the services of `site.yaml` alone.
 * Networks know addresses and namespaces, not names: a service that is neither an IPv4 address nor `<service>.<namespace>`
 * has to be let through by a policy of the operator's.
 */
export function networkPolicies(site: Site, namespace: string): readonly UserManifest[] {
  const services = [mirrorOf(site), ...site.network.services];
  const peers = services.flatMap(reachable);
  const names = services.some(({ host }) => !isIPv4(host)) ? [nameService] : [];
  return [
    policy(namespace, "closed", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
    policy(namespace, "to-the-site", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [schedulerOf(site), ...peers, ...names],
    }),
  ];
}

function policy(namespace: string, name: string, spec: object): UserManifest {
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, namespace }, spec };
}

function mirrorOf({ mirrors }: Site): Service {
  const { hostname, port, protocol } = new URL(mirrors.pypi.indexUrl);
  return { host: hostname, port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
}

function schedulerOf({ kubernetes }: Site) {
  const podSelector = { matchLabels: { "app.kubernetes.io/component": "scheduler" } };
  return {
    to: [{ ...inNamespace(kubernetes.namespace), podSelector }],
    ports: [{ protocol: "TCP", port: 8443 }],
  };
}

function reachable({ host, port }: Service) {
  const peer = peerOf(host);
  return peer === undefined ? [] : [{ to: [peer], ports: [{ protocol: "TCP", port }] }];
}

function peerOf(host: string) {
  if (isIPv4(host)) return { ipBlock: { cidr: `${host}/32` } };
  const [, namespace] = /^[a-z0-9-]+\.([a-z0-9-]+)(?:\.svc(?:\..+)?)?$/.exec(host) ?? [];
  return namespace === undefined ? undefined : inNamespace(namespace);
}

function inNamespace(name: string) {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } };
}

/** The cluster's own, by which names of services are found. */
const nameService = {
  to: [{ ...inNamespace("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
};
