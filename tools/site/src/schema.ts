import { z } from "zod";
import { findContradictions } from "./consistency.ts";
import { allowedImage, host, hostWithPort, imageReference, mirrorUrl } from "./grammar.ts";
import { kubernetes } from "./kubernetes.ts";
import { flavorNamePattern, userNamePattern } from "./names.ts";
import { networkPool } from "./network-pool.ts";
import { duration, size, wholeNumber } from "./quantities.ts";

export const distributions = ["ubuntu-22.04", "debian-12"] as const;
/** A Linux distribution that images can be built on. */
export type Distribution = (typeof distributions)[number];

const baseImage = section({
  reference: imageReference("ubuntu:22.04"),
  digest: text(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hexadecimal digits, or null").nullable(),
});

const gpu = section({
  model: text(/^[!-~](?:[ -~]{0,62}[!-~])?$/, "must be a model such as NVIDIA A30"),
  memory: size({ min: "1MB", max: "10TB", example: "6GB" }),
  /** Device ids slot by slot (GPU UUIDs or MIG ids); without it whole devices of the model are found. */
  devices: z.array(text(/^(GPU|MIG)-[A-Za-z0-9/-]+$/, "must be a GPU- or MIG- id")).optional(),
});

const cores = z
  .number({ error: "must be a number of cores, such as 4" })
  .min(0.01, "must be a number of cores, such as 4")
  .max(4096, "must be at most 4096 cores");

const flavor = section({
  name: text(flavorNamePattern, "must be lower-case letters, digits and dashes, such as small-gpu"),
  kind: z.enum(["job", "desktop"]).default("job"),
  slots: wholeNumber({ min: 0, max: 100_000, example: 8 }),
  cores,
  burstCores: cores.optional(),
  memory: size({ min: "16MB", max: "100TB", example: "32GB" }),
  timeLimit: duration({ min: "1s", max: "365d", example: "8h" }).optional(),
  gpu: gpu.optional(),
}).superRefine((value, context) => {
  const refuse = (path: string[], message: string): void =>
    context.addIssue({ code: "custom", path, message });
  if (value.kind === "job" && value.timeLimit === undefined) {
    refuse(["timeLimit"], "a job flavor needs a time limit such as 8h");
  }
  if (value.gpu?.devices !== undefined && value.gpu.devices.length !== value.slots) {
    refuse(["gpu", "devices"], `must name one device a slot, ${value.slots}`);
  }
  if (value.burstCores !== undefined && value.burstCores < value.cores) {
    refuse(["burstCores"], `must be at least cores, ${value.cores}`);
  }
});

const limits = section({
  maxActiveJobsPerUser: wholeNumber({ min: 1, max: 1000, example: 1 }),
  lowestId: wholeNumber({ min: 1, max: 65_533, example: 1000 }).default(1000),
  strictFlavors: z.boolean(),
  stopGrace: duration({ min: "1s", max: "1h", example: "30s" }),
  warnBefore: duration({ min: "1s", max: "30d", example: "10m" }),
  initTimeout: duration({ min: "1s", max: "24h", example: "10m" }),
  initPolicy: z.enum(["continue", "fail"]),
  pids: wholeNumber({ min: 64, max: 4_000_000, example: 4096 }),
  openFiles: wholeNumber({ min: 256, max: 1_048_576, example: 65_536 }),
  scratch: size({ min: "1MB", max: "1000TB", example: "50GB" }).prefault("50GB"),
  scratchFiles: wholeNumber({ min: 1000, max: 1_000_000_000, example: 1_000_000 }).default(1_000_000),
  logSize: size({ min: "1kB", max: "1TB", example: "50MB" }),
});

/** What may pass between a person's own computer and the desktop, each direction by itself. */
const desktop = section({
  clipboard: section({ in: z.boolean().default(true), out: z.boolean().default(false) }).prefault({}),
  files: section({ upload: z.boolean().default(true), download: z.boolean().default(false) }).prefault({}),
});

const projectName = text(
  /^[a-z0-9]+(?:[._/-][a-z0-9]+)*$/,
  "must be a registry's project, such as workstation-batch",
);

/** The shape of site.yaml; sizes come out in bytes, durations in seconds. */
export const siteSchema = section({
  user: section({
    name: text(userNamePattern, "must be a DNS label of at most 32 characters, such as chaimeleon"),
    uid: wholeNumber({ min: 1000, max: 65_533, example: 1000 }),
    gid: wholeNumber({ min: 1000, max: 65_533, example: 1000 }),
  }),
  registry: section({
    host: hostWithPort.nullable(),
    prefix: text(/^([a-z0-9][a-z0-9._-]*\/)*$/, 'must end in "/", such as mysite/, or be empty'),
    projects: section({ batch: projectName, desktop: projectName }),
  }),
  mirrors: section({ pypi: section({ indexUrl: mirrorUrl, trustedHost: hostWithPort }) }),
  base: section({
    distribution: z.enum(distributions),
    images: z.record(z.enum(distributions), baseImage),
    aptSnapshot: mirrorUrl.nullable(),
    keepBuildCertificates: z.boolean(),
  }),
  flavors: z.array(flavor).min(1),
  limits,
  retention: section({
    endedJobs: duration({ min: "1s", max: "3650d", example: "7d" }),
    perUser: wholeNumber({ min: 1, max: 10_000, example: 100 }),
  }),
  defaults: section({
    image: imageReference("ubuntu-python:latest"),
    flavor: z.string({ error: "must be a job flavor, such as no-gpu" }),
  }),
  desktop: desktop.prefault({}),
  images: section({ allowed: z.array(allowedImage).min(1) }),
  network: section({
    services: z.array(section({ host, port: wholeNumber({ min: 1, max: 65_535, example: 3141 }) })),
    pool: networkPool,
  }),
  kubernetes,
}).superRefine((site, context) => {
  for (const { path, message } of findContradictions(site)) {
    context.addIssue({ code: "custom", path: [...path], message });
  }
});

/** Every fact of a site, parsed, checked and frozen. */
export type Site = DeepReadonly<z.infer<typeof siteSchema>>;
/** One row of the flavor table: what one slot gives a job, and how many slots there are. */
export type SiteFlavor = Site["flavors"][number];

type DeepReadonly<T> = T extends (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** Keys and nothing else; where they are missing as a whole they are named. */
function section<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = new Intl.ListFormat("en-GB").format(Object.keys(shape));
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "invalid_type" ? `it holds ${keys}` : undefined),
  });
}

function text(pattern: RegExp, error: string) {
  return z.string({ error }).regex(pattern, { error });
}
