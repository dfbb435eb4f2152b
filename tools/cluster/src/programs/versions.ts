import type { GoModule } from "@workstation/programs";

const minor = 36;
const patch = 3;

/** The Kubernetes that the tests run on. */
export const kubernetesVersion = `v1.${minor}.${patch}`;

/** Programs of Kubernetes itself; without these flags they would say that they are version 0.0. */
export function kubernetesModule(programs: readonly string[], minutes: number): GoModule {
  const variables = {
    "k8s.io/component-base/version.gitVersion": kubernetesVersion,
    "k8s.io/component-base/version.gitMajor": "1",
    "k8s.io/component-base/version.gitMinor": String(minor),
    "k8s.io/client-go/pkg/version.gitVersion": kubernetesVersion,
  };
  const named = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  return {
    module: "k8s.io/kubernetes",
    version: kubernetesVersion,
    packages: programs.map((name) => `/cmd/${name}`),
    flags: ["-ldflags", ["-s -w", ...named].join(" ")],
    minutes,
    staging: `v0.${minor}.${patch}`,
    pure: true,
  };
}

export const etcdModule: GoModule = {
  module: "go.etcd.io/etcd/server/v3",
  version: "v3.6.16",
  packages: [""],
  flags: ["-ldflags", "-s -w"],
  minutes: 1,
  pure: true,
  program: "etcd",
};
