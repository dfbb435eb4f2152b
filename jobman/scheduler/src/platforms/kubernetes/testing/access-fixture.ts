import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request as plainRequest } from "node:http";
import { request } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type Authority, type Certificate, createAuthority } from "@workstation/jobman/testing";
import { parseSite, type Site } from "@workstation/site";
import { createFakeEngine } from "../../../testing/fake-engine.ts";
import { makeSchedulerFixture, type SchedulerFixture } from "../../../testing/scheduler-fixture.ts";
import { siteText } from "../../../testing/site-text.ts";
import type { User } from "../../user.ts";
import {
  type ClusterAccess,
  type ClusterAccessOptions,
  createClusterAccess,
} from "../access/cluster-access.ts";

/** A scheduler that users reach as on a cluster; its engine lives in memory. */
export interface AccessFixture extends AsyncDisposable {
  readonly access: ClusterAccess;
  readonly fixture: SchedulerFixture;
  readonly ports: { readonly users: number; readonly operator: number; readonly probes: number };
  readonly authority: Authority;
  /** Lines of its log. */
  readonly log: readonly string[];
  /** What a test changes while it runs. */
  readonly world: { ahead: number };
  readonly users: Map<string, User>;
  readonly tlsFolder: string;
  /** Asks as whoever has the token. */
  ask(token: string | undefined, options?: Partial<Question>): Promise<Reply>;
}

export interface Question {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: unknown;
  /** The address that it comes from. */
  readonly from: string;
  readonly signal: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at what it expects
  readonly body: any;
}

export function user(name: string): User {
  return { name, uid: 2000, gid: 2000, datasets: [] };
}

interface Given extends Pick<ClusterAccessOptions, "review"> {
  readonly oidcAuthorities?: string;
  readonly renewEveryMs?: number;
  /** The issuer of the site. */
  readonly oidc?: Site["kubernetes"]["oidc"];
}

/** anna and ben are users, with the namespaces `user-anna` and `user-ben`. */
export async function startAccessFixture({ oidc = null, ...given }: Given): Promise<AccessFixture> {
  const tlsFolder = await mkdtemp(join(tmpdir(), "jobman-tls-"));
  const authority = await createAuthority();
  await writeCertificate(tlsFolder, await authority.certify("127.0.0.1"));
  const [users = 0, operator = 0, probes = 0] = await freePorts(3);
  const ports = { users, operator, probes };
  const world = { ahead: 0 };
  const known = new Map(["anna", "ben"].map((name) => [name, user(name)]));
  const log: string[] = [];
  let access: ClusterAccess | undefined;
  const site = parseSite(siteText, "site.yaml");
  const at = (port: number) => ({ host: "127.0.0.1", port });
  const fixture = await makeSchedulerFixture({
    engine: createFakeEngine(Date.now),
    users: [],
    log: (line) => log.push(line),
    access: (problems, faults) => {
      access = createClusterAccess({
        site: { kubernetes: { ...site.kubernetes, oidc } },
        users: {
          ofNamespace: (namespace) => known.get(namespace.replace(/^user-/, "")),
          byName: (name) => known.get(name),
          all: () => [...known.values()],
        },
        addresses: { users: at(users), operator: at(operator), probes: at(probes) },
        tlsFolder,
        problems,
        onFault: (fault, where) => faults.note(where ?? "engine", fault),
        now: () => Date.now() + world.ahead,
        ...given,
      });
      return access;
    },
  });
  if (access === undefined) throw new Error("the scheduler has no access");
  return {
    ...{ access, fixture, ports, authority, log, world, tlsFolder, users: known },
    ask: (token, options) => askSecurely(users, authority, { ...withToken(token, options) }),
    [Symbol.asyncDispose]: async () => {
      await fixture.dispose();
      await authority[Symbol.asyncDispose]();
      await rm(tlsFolder, { recursive: true });
    },
  };
}

export async function writeCertificate(folder: string, { cert, key }: Certificate): Promise<void> {
  await writeFile(join(folder, "tls.key"), key);
  await writeFile(join(folder, "tls.crt"), cert);
}

function withToken(token: string | undefined, options: Partial<Question> = {}): Partial<Question> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return { ...options, headers: { ...authorization, ...options.headers } };
}

async function askSecurely(port: number, authority: Authority, asked: Partial<Question>): Promise<Reply> {
  const { method = "GET", path = "/v1/jobs", headers = {}, body, from = "127.0.0.1", signal } = asked;
  const ca = await readFile(authority.file);
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const type = sent === undefined ? {} : { "content-type": "application/json" };
  const where = { host: "127.0.0.1", port, localAddress: from, ca, signal, agent: false as const };
  return answerOf(request({ ...where, method, path, headers: { ...type, ...headers } } as object), sent);
}

/** Asks one of the ports that have no TLS. */
export function askPlainly(
  port: number,
  asked: { readonly path: string; readonly method?: string; readonly headers?: Record<string, string> },
): Promise<Reply> {
  return answerOf(plainRequest({ host: "127.0.0.1", port, agent: false, ...asked }), undefined);
}

async function answerOf(asked: ReturnType<typeof request>, body: string | undefined): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  asked.on("error", reject).on("response", (answer) => {
    text(answer).then(
      (said) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: parsed(said) }),
      reject,
    );
  });
  asked.end(body);
  return promise;
}

function parsed(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    return said;
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once("listening", resolve))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
