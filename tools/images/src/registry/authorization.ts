import { z } from "zod";
import type { Credentials } from "./credentials.ts";
import { parseAnswer } from "./parse-answer.ts";
import { notUnderstood, refusal } from "./registry-fault.ts";
import type { Answer, Sent, Transport } from "./transport.ts";

/** Sends requests as somebody: answers a challenge with a password, or with a token that was fetched for it. */
export function authorized(transport: Transport, credentials: Credentials | undefined): Transport {
  const known = new Map<string, string>(); // by what is asked for: the header that was taken last
  return {
    ...transport,
    send: async (url, sent) => {
      const place = repositoryOf(url);
      if (!isOwn(url, transport.host)) return transport.send(url, sent);
      const first = await transport.send(url, withHeader(sent, known.get(place)));
      if (first.status !== 401) return first;
      const header = await answerChallenge(transport, first, credentials);
      if (header === undefined) return first;
      known.set(place, header);
      return transport.send(url, withHeader(sent, header));
    },
  };
}

/** A registry may send uploads elsewhere, to a store that must not learn the password. */
function isOwn(url: string, host: string): boolean {
  return new URL(url, `https://${host}`).host === new URL(`https://${host}`).host;
}

/** Tokens are given for one repository. */
function repositoryOf(url: string): string {
  return /\/v2\/(.+?)\/(?:blobs|manifests|referrers|tags)\//.exec(url)?.[1] ?? "";
}

function withHeader(sent: Sent, authorization: string | undefined): Sent {
  return authorization === undefined ? sent : { ...sent, headers: { ...sent.headers, authorization } };
}

async function answerChallenge(
  transport: Transport,
  answer: Answer,
  credentials: Credentials | undefined,
): Promise<string | undefined> {
  const challenge = String(answer.headers["www-authenticate"] ?? "");
  const basic = credentials === undefined ? undefined : basicHeader(credentials);
  if (/^basic\b/i.test(challenge)) return basic;
  if (!/^bearer\b/i.test(challenge)) return undefined;
  const parameters = parseParameters(challenge);
  const reply = await askForToken(transport, parameters, credentials);
  if (reply.status !== 200) throw refusal(`a token for ${parameters.scope ?? transport.host}`, reply);
  const { token, access_token } = parseAnswer(reply.text, tokenReply) ?? {};
  const given = token || access_token;
  if (!given) throw notUnderstood(transport.host, "its token service gives no token");
  return `Bearer ${given}`;
}

const tokenReply = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** The two ways of Docker's token service: with a password, and with a token that `docker login` got for one. */
async function askForToken(
  transport: Transport,
  { realm = "", service = "", scope = "" }: Readonly<Record<string, string>>,
  credentials: Credentials | undefined,
): Promise<Answer> {
  if (!URL.canParse(realm)) throw notUnderstood(transport.host, "it names no place that gives tokens");
  if (new URL(realm).protocol !== "https:") {
    throw refusal("a login over an open line", { status: 401, text: "" });
  }
  if (credentials?.identityToken === undefined) {
    const query = new URLSearchParams({ service, scope });
    const headers = credentials === undefined ? {} : { authorization: basicHeader(credentials) };
    return transport.send(`${realm}?${query}`, { method: "GET", headers });
  }
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    client_id: "workstation-images",
    refresh_token: credentials.identityToken,
    service,
    scope,
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return transport.send(realm, { method: "POST", headers, body: Buffer.from(form.toString()) });
}

function parseParameters(challenge: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
  );
}

function basicHeader({ user, password }: Credentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}
