import { parseBytes, parseDuration, UserError } from "@workstation/cli";
import { z } from "zod";
import { flavorNamePattern, userNamePattern } from "./names.ts";

const bytes = z.string().transform(withUnit(parseBytes)).refine(positive, "must be more than nothing");
const seconds = z.string().transform(withUnit(parseDuration)).refine(positive, "must be more than nothing");
const count = z.int().min(0).max(100_000);
const url = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });

export const distributions = ["ubuntu-22.04", "debian-12"] as const;
/** A Linux distribution that images can be built on. */
export type Distribution = (typeof distributions)[number];

const baseImage = z.strictObject({
  reference: z.string().regex(/^[a-z0-9][a-z0-9./:_-]*$/, "must be an image reference such as ubuntu:22.04"),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hexadecimal digits")
    .nullable(),
});

const gpu = z.strictObject({
  model: z.string().min(1).max(64),
  memory: bytes,
  /** Device ids slot by slot (GPU UUIDs or MIG ids); without it whole devices of the model are found. */
  devices: z.array(z.string().regex(/^(GPU|MIG)-[A-Za-z0-9/-]+$/, "must be a GPU- or MIG- id")).optional(),
});

const flavor = z
  .strictObject({
    name: z.string().regex(flavorNamePattern, "must be lower-case letters, digits and dashes"),
    kind: z.enum(["job", "desktop"]).default("job"),
    slots: count,
    cores: z.number().positive().max(4096),
    burstCores: z.number().positive().max(4096).optional(),
    memory: bytes,
    timeLimit: seconds.optional(),
    gpu: gpu.optional(),
  })
  .refine((value) => value.kind === "desktop" || value.timeLimit !== undefined, {
    path: ["timeLimit"],
    message: "a job flavor needs a time limit such as 8h",
  })
  .refine((value) => value.gpu?.devices === undefined || value.gpu.devices.length === value.slots, {
    path: ["gpu", "devices"],
    message: "must name one device a slot",
  });

/** The shape of site.yaml; sizes come out in bytes, durations in seconds. */
export const siteSchema = z
  .strictObject({
    user: z.strictObject({
      name: z.string().regex(userNamePattern, "must be a DNS label of at most 32 characters"),
      uid: z.int().min(1000).max(65_533),
      gid: z.int().min(1000).max(65_533),
    }),
    registry: z.strictObject({
      host: z
        .string()
        .regex(/^[a-z0-9.-]+(:\d+)?$/, "must be a host name with an optional port")
        .nullable(),
      prefix: z.string().regex(/^([a-z0-9][a-z0-9._-]*\/)*$/, 'must end in "/" or be empty'),
      projects: z.strictObject({ batch: z.string().min(1), desktop: z.string().min(1) }),
    }),
    mirrors: z.strictObject({
      pypi: z.strictObject({
        indexUrl: url,
        trustedHost: z.string().regex(/^[A-Za-z0-9.-]+(:\d+)?$/, "must be a host name"),
      }),
    }),
    base: z.strictObject({
      distribution: z.enum(distributions),
      images: z.record(z.enum(distributions), baseImage),
      aptSnapshot: url.nullable(),
      keepBuildCertificates: z.boolean(),
    }),
    flavors: z.array(flavor).min(1),
    limits: z.strictObject({
      maxActiveJobsPerUser: z.int().min(1).max(1000),
      strictFlavors: z.boolean(),
      stopGrace: seconds,
      warnBefore: seconds,
      initTimeout: seconds,
      initPolicy: z.enum(["continue", "fail"]),
      pids: z.int().min(64).max(4_000_000),
      openFiles: z.int().min(256).max(1_048_576),
      logSize: bytes,
    }),
    retention: z.strictObject({ endedJobs: seconds, perUser: z.int().min(1).max(10_000) }),
    defaults: z.strictObject({ image: z.string().min(1), flavor: z.string().min(1) }),
    images: z.strictObject({ allowed: z.array(z.string().min(1)).min(1) }),
    network: z.strictObject({
      services: z.array(
        z.strictObject({ host: z.string().min(1).max(253), port: z.int().min(1).max(65_535) }),
      ),
      pool: z.cidrv4({ error: "must be an IPv4 network such as 10.213.0.0/16" }),
    }),
    kubernetes: z.strictObject({
      namespacePrefix: z.string().regex(/^[a-z0-9-]*$/, "must be lower-case letters, digits and dashes"),
      jobTemplate: z.record(z.string(), z.unknown()),
    }),
  })
  .superRefine((site, context) => {
    const names = site.flavors.map((each) => each.name);
    names.forEach((name, index) => {
      if (names.indexOf(name) !== index) {
        context.addIssue({ code: "custom", path: ["flavors", index, "name"], message: "is there twice" });
      }
    });
    const jobFlavors = site.flavors.filter((each) => each.kind === "job").map((each) => each.name);
    if (!jobFlavors.includes(site.defaults.flavor)) {
      context.addIssue({
        code: "custom",
        path: ["defaults", "flavor"],
        message: `must be one of ${jobFlavors.join(", ")}`,
      });
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

function withUnit(parse: (text: string) => number) {
  return (text: string, context: z.RefinementCtx): number => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      context.addIssue({ code: "custom", message: `${error.message} (${error.hint})` });
      return z.NEVER;
    }
  };
}

function positive(value: number): boolean {
  return value > 0;
}
