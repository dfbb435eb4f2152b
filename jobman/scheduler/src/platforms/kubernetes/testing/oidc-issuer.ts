import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { type Authority, createAuthority } from "@workstation/jobman/testing";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** A real OIDC issuer on loopback: discovery and keys by https, and tokens that it signs. */
export interface OidcIssuer extends AsyncDisposable {
  readonly issuer: string;
  /** Who certifies its server, PEM. */
  readonly authorities: string;
  /** How often its keys were fetched. */
  readonly fetched: { keys: number };
  /** What its pages say in place of the right thing, by path; a number is a status. */
  readonly lies: Map<string, string | number>;
  /** A token of somebody's; `claims` replace what it says. */
  sign(name: string, claims?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Signs with another key from now on, and publishes that alone. */
  rotate(): Promise<void>;
}

export async function startOidcIssuer(): Promise<OidcIssuer> {
  const authority = await createAuthority();
  const state: State = { keys: await newKeys(1), rotations: 1, fetched: { keys: 0 }, lies: new Map() };
  const server = await listen(authority, (path) => pageOf(state, issuer, path));
  const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}/realm`;
  return {
    issuer,
    authorities: await readFile(authority.file, "utf8"),
    fetched: state.fetched,
    lies: state.lies,
    sign: (name, claims) => sign(state, issuer, { preferred_username: name, sub: "1", ...claims }),
    rotate: async () => {
      state.rotations += 1;
      state.keys = await newKeys(state.rotations);
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await authority[Symbol.asyncDispose]();
    },
  };
}

interface State {
  keys: Awaited<ReturnType<typeof newKeys>>;
  rotations: number;
  readonly fetched: { keys: number };
  readonly lies: Map<string, string | number>;
}

async function newKeys(number: number) {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const kid = `key-${number}`;
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" } };
}

function sign({ keys }: State, issuer: string, claims: Readonly<Record<string, unknown>>): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ iss: issuer, aud: "jobman", iat: now, exp: now + 300, ...claims })
    .setProtectedHeader({ alg: "ES256", kid: keys.kid })
    .sign(keys.privateKey);
}

function pageOf(state: State, issuer: string, path: string): string | number {
  const lie = state.lies.get(path);
  if (path === "/keys") state.fetched.keys += 1;
  if (lie !== undefined) return lie;
  if (path === "/keys") return JSON.stringify({ keys: [state.keys.jwk] });
  if (path !== "/realm/.well-known/openid-configuration") return 404;
  return JSON.stringify({ issuer, jwks_uri: new URL("/keys", issuer).href });
}

async function listen(authority: Authority, page: (path: string) => string | number): Promise<Server> {
  const server = createServer(await authority.certify("127.0.0.1"), (request, response) => {
    const said = page(request.url ?? "");
    if (typeof said === "string") response.end(said);
    else response.writeHead(said, { location: "/keys" }).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  return server;
}
