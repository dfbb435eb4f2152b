import type { IncomingMessage } from "node:http";
import type { Site } from "@workstation/site";
import type { ProblemBoard } from "../../../diagnostics/problems.ts";
import { rarely } from "../../../diagnostics/rarely.ts";
import type { Address } from "../../address.ts";
import { createTurns } from "../../connections/turns.ts";
import type { Apps, Listeners, PlatformReport } from "../../platform.ts";
import type { User } from "../../user.ts";
import type { Identity, Verifier } from "./identity.ts";
import { createKnownTokens } from "./known-tokens.ts";
import { createPersonVerifier } from "./oidc.ts";
import { openOperatorDoor } from "./operator-door.ts";
import { openProbeDoor, type ProbeDoor } from "./probe-door.ts";
import { createReception, type Reception } from "./reception.ts";
import { Refusal } from "./refusal.ts";
import { createRefusalLog, type RefusalLog } from "./refusal-log.ts";
import { openSecureDoor } from "./secure-door.ts";
import { createAccountVerifier, type Review } from "./token-review.ts";
import { uncheckedClaims } from "./unchecked-claims.ts";
import { createParties } from "./visits.ts";

/** Who reaches a scheduler on a cluster: users by HTTPS with a token, the operator and the kubelet by ports of their own. */
export interface ClusterAccess {
  authenticate(request: IncomingMessage): Promise<User>;
  listen(apps: Apps): Promise<Listeners>;
  rescan(): Promise<void>;
  report(): Pick<PlatformReport, "users">;
  /** Answers the kubelet before anything else does, as one who lives and is not ready; may be left to `listen`. */
  openProbes(): Promise<void>;
  /** How many requests were refused since the start, by reason. */
  refusals(): ReadonlyMap<string, number>;
}

/** Users as they are known now, so that a grant or an end holds from the next request on. */
export interface ClusterUsers {
  /** Whose the accounts of a namespace are. */
  ofNamespace(namespace: string): User | undefined;
  byName(name: string): User | undefined;
  all(): readonly User[];
}

export interface ClusterAccessOptions {
  readonly site: Pick<Site, "kubernetes">;
  readonly users: ClusterUsers;
  readonly review: Review;
  readonly addresses: { readonly users: Address; readonly operator: Address; readonly probes: Address };
  /** Holds tls.crt and tls.key; read again when they change. */
  readonly tlsFolder: string;
  /** Who certifies the OIDC issuer's server, PEM, where those that Node trusts do not. */
  readonly oidcAuthorities?: string;
  readonly problems: Pick<ProblemBoard, "set">;
  readonly onFault: (fault: unknown, where?: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How often the certificate's files are looked at, in milliseconds. */
  readonly renewEveryMs?: number;
}

/** Throws `OIDC_ISSUER_INSECURE`. */
export function createClusterAccess(options: ClusterAccessOptions): ClusterAccess {
  const { users, now, addresses } = options;
  const known = createKnownTokens({ verify: verifierFor(options), now });
  const refusals = createRefusalLog(now, (message) => options.onFault(message, "access"));
  const opened: { reception?: Reception; probes?: Promise<ProbeDoor> } = {};
  const probes = (): Promise<ProbeDoor> => (opened.probes ??= openProbeDoor(addresses.probes));
  return {
    authenticate: async (request) => {
      if (opened.reception === undefined) throw new Refusal("missing");
      return opened.reception.askerOf(request);
    },
    listen: async (apps) => {
      const reception = receptionFor(apps, { users, known, refusals });
      opened.reception = reception;
      return openDoors(options, { apps, reception, probes: await probes() });
    },
    rescan: async () => undefined, // what users are there is followed
    report: () => ({
      users: users.all().map(({ name, uid }) => ({ name, uid, socket: opened.reception !== undefined })),
    }),
    openProbes: async () => void (await probes()),
    refusals: refusals.counts,
  };
}

function verifierFor({ site, review, now, onFault, oidcAuthorities }: ClusterAccessOptions): Verifier {
  const { audience, oidc } = site.kubernetes;
  const faults = rarely((fault) => onFault(fault, "access"));
  const accounts = createAccountVerifier({ review, audience, now, onFault: faults });
  if (oidc === null) return accounts;
  const authorities = oidcAuthorities === undefined ? {} : { authorities: oidcAuthorities };
  const people = createPersonVerifier({ ...oidc, ...authorities, now, onFault: faults });
  return (token) => (uncheckedClaims(token).issuer === oidc.issuer ? people : accounts)(token);
}

function receptionFor(
  apps: Apps,
  parts: {
    readonly users: ClusterUsers;
    readonly known: ReturnType<typeof createKnownTokens>;
    readonly refusals: RefusalLog;
  },
): Reception {
  const { users, known, refusals } = parts;
  return createReception({
    parties: createParties(createTurns(apps.turns), apps.forUser),
    recall: (token) => {
      const found = known.recall(token);
      if (found instanceof Refusal) throw found;
      return found === undefined ? undefined : userFor(users, found);
    },
    learn: async (token) => userFor(users, await known.learn(token)),
    onRefused: refusals.note,
    onFault: apps.onFault,
  });
}

function userFor(users: ClusterUsers, identity: Identity): User {
  const user =
    identity.kind === "account" ? users.ofNamespace(identity.namespace) : users.byName(identity.name);
  if (user === undefined) throw new Refusal("stranger");
  return user;
}

/** The operator's door is the last: when it answers, all of them do. */
async function openDoors(
  options: ClusterAccessOptions,
  parts: { readonly apps: Apps; readonly reception: Reception; readonly probes: ProbeDoor },
): Promise<Listeners> {
  const { apps, reception, probes } = parts;
  const open: Listeners[] = [probes];
  const close = async (): Promise<void> => void (await Promise.all(open.map((door) => door.close())));
  try {
    open.push(await openSecureDoor({ ...options, address: options.addresses.users, reception }));
    open.push(await openOperatorDoor(options.addresses.operator, apps.forOperator));
    probes.serve(apps.forOperator);
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
}
