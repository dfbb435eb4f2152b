import type { V1Container, V1PodSpec, V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import { type ContainerProfile, containerProfile, type Site } from "@workstation/site";
import type { JobSpec } from "../../../queue/model.ts";
import { claimVolumes } from "./claim-volumes.ts";
import { keepDollars } from "./dollars.ts";
import { merge } from "./merge.ts";
import { environmentName, jobContainer, objectName } from "./names.ts";

/** What a pod depends on besides its job. */
export interface PodSurroundings {
  readonly site: Site;
  /** True for an image with our entrypoint; others run as they are. */
  readonly family: boolean;
  /** Whether the job's owner gave an environment, which lies in an object of its own. */
  readonly hasEnvironment: boolean;
}

/**
 * The site's profile of a job, as a pod: the Pod Security Standard *restricted*, the volumes of the path contract, no
 * token. What a slot gives is written when the job is admitted. Throws `ID_NOT_ALLOWED`.
 */
export function podSpec(spec: JobSpec, around: PodSurroundings): V1PodSpec {
  const { site } = around;
  const profile = containerProfile(site, {
    kind: "job",
    size: { cores: spec.cores ?? 1, memoryBytes: spec.memoryBytes ?? 0 },
    ids: spec,
    owner: spec.owner,
    datasets: spec.datasets,
    home: around.family ? "image" : "memory",
    job: spec,
  });
  const scratch = scratchVolumes(profile, site);
  const claims = claimVolumes(site, profile.volumes, spec.owner);
  const made: V1PodSpec = {
    restartPolicy: "Never",
    activeDeadlineSeconds: spec.timeLimitSeconds + site.kubernetes.startTimeout,
    terminationGracePeriodSeconds: site.limits.stopGrace,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    hostname: profile.hostname,
    ...(site.kubernetes.hostUsers === null ? {} : { hostUsers: site.kubernetes.hostUsers }),
    securityContext: podSecurity(profile),
    containers: [container(spec, around, { profile, mounts: [...scratch.mounts, ...claims.mounts] })],
    volumes: [...scratch.volumes, ...claims.volumes],
  };
  return merge(made, site.kubernetes.jobTemplate) as V1PodSpec;
}

function podSecurity({ user, security }: ContainerProfile): NonNullable<V1PodSpec["securityContext"]> {
  return {
    runAsUser: user.uid,
    runAsGroup: user.gid,
    fsGroup: user.gid,
    // A home of a million files is looked at once, not at every start.
    fsGroupChangePolicy: "OnRootMismatch",
    runAsNonRoot: security.runAsNonRoot,
    seccompProfile: { type: "RuntimeDefault" },
  };
}

function container(
  spec: JobSpec,
  { family, hasEnvironment, site }: PodSurroundings,
  { profile, mounts }: { readonly profile: ContainerProfile; readonly mounts: V1VolumeMount[] },
): V1Container {
  const { security } = profile;
  const given = spec.arguments.map(keepDollars);
  return {
    name: jobContainer,
    image: spec.image,
    imagePullPolicy: "IfNotPresent",
    ...(given.length === 0 ? {} : spec.exact && !family ? { command: given } : { args: given }),
    env: Object.entries(profile.environment).map(([name, value]) => ({ name, value: keepDollars(value) })),
    ...(hasEnvironment
      ? { envFrom: [{ secretRef: { name: environmentName(objectName(site, spec), spec.id) } }] }
      : {}),
    workingDir: profile.workingFolder,
    volumeMounts: mounts,
    securityContext: {
      allowPrivilegeEscalation: security.allowPrivilegeEscalation,
      privileged: security.privileged,
      readOnlyRootFilesystem: security.readOnlyRootFilesystem,
      capabilities: { drop: [...security.capabilities.drop] },
    },
  };
}

/** Folders that go with the pod. Those on disk share what the site gives one job. */
function scratchVolumes(
  { writable, limits }: ContainerProfile,
  site: Site,
): { readonly volumes: V1Volume[]; readonly mounts: V1VolumeMount[] } {
  const folders = [
    ...writable,
    { target: "/dev/shm", on: "memory" as const, bytes: limits.sharedMemoryBytes },
  ];
  return {
    volumes: folders.map(({ on, bytes }, index) => ({
      name: `scratch-${index}`,
      emptyDir: {
        ...(on === "memory" ? { medium: "Memory" } : {}),
        ...sizeLimit(bytes ?? (on === "disk" ? site.limits.scratch : undefined)),
      },
    })),
    mounts: folders.map(({ target }, index) => ({ name: `scratch-${index}`, mountPath: target })),
  };
}

function sizeLimit(bytes: number | undefined): { readonly sizeLimit?: string } {
  return bytes === undefined || bytes === 0 ? {} : { sizeLimit: String(bytes) };
}
