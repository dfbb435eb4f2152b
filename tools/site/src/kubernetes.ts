import { z } from "zod";
import { mirrorUrl } from "./grammar.ts";
import { duration, wholeNumber } from "./quantities.ts";

/** RFC 1123: what a namespace is called. */
const namespaceName = (example: string) =>
  z
    .string({ error: `must be a namespace, such as ${example}` })
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, `must be a namespace, such as ${example}`);

const claimFault =
  "must be the name of a persistent volume claim, such as persistent-home; {user} and {id} may stand in it";
const subPathFault = "must be a path inside the claim, such as {id}, without .. and no slash at its ends";

/** Where data of one kind lies: a claim of the job's namespace, and a folder in it. `{user}` and `{id}` are filled in. */
const claim = z.strictObject({
  claim: z.string({ error: claimFault }).regex(/^(?:[a-z0-9.-]|\{user\}|\{id\}){1,253}$/, claimFault),
  subPath: z
    .string({ error: subPathFault })
    .regex(/^(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))(?:[\w./-]|\{user\}|\{id\})+(?<!\/)$/, subPathFault)
    .optional(),
});

const resourceFault = "must be an extended resource, such as nvidia.com/mig-1g.6gb: 1";
const resourceName = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/;

/** What one slot of a flavor takes of a cluster besides cores and memory, and on which nodes. */
const flavorOnCluster = z.strictObject({
  resources: z
    .record(z.string(), wholeNumber({ min: 1, max: 64, example: 1 }))
    .refine((all) => Object.keys(all).every((name) => resourceName.test(name)), resourceFault)
    .default({}),
  nodeSelector: z.record(z.string(), z.string()).default({}),
});

const oidc = z.strictObject({
  issuer: mirrorUrl,
  audience: z.string().min(1, "must be the audience that the issuer writes, such as jobman"),
  userClaim: z.string().min(1, "must be a claim, such as preferred_username").default("preferred_username"),
});

/** What only a cluster needs to know; a machine with Docker reads nothing of it. */
export const kubernetes = z.strictObject({
  namespace: namespaceName("workstation").default("workstation"),
  namespacePrefix: z
    .string()
    .regex(/^[a-z0-9-]*$/, "must be lower-case letters, digits and dashes, such as user-"),
  sharedNamespace: namespaceName("workstation-jobs").nullable().default(null),
  volumes: z
    .strictObject({
      persistentHome: claim.default({ claim: "persistent-home" }),
      sharedFolder: claim.nullable().default({ claim: "persistent-shared-folder" }),
      datasets: claim.nullable().default({ claim: "datasets", subPath: "{id}" }),
      datalake: claim.nullable().default({ claim: "datalake" }),
    })
    .prefault({}),
  flavors: z.record(z.string(), flavorOnCluster).default({}),
  startTimeout: duration({ min: "10s", max: "24h", example: "15m" }).prefault("15m"),
  hostUsers: z
    .literal(false, { error: "must be false, or null to leave it to the cluster" })
    .nullable()
    .default(null),
  audience: z
    .string()
    .min(1, "must be the audience of the tokens of desktops, such as jobman")
    .default("jobman"),
  oidc: oidc.nullable().default(null),
  jobTemplate: z.record(z.string(), z.unknown()),
});
