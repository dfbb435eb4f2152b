import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { formatDuration, UserError } from "@workstation/cli";
import { execa } from "execa";
import { z } from "zod";

/** Who logs in to a registry. With `identityToken` the password is a token that only a token service takes. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly identityToken?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** How long a search for credentials may take, and where it looks. */
export interface Search {
  readonly signal: AbortSignal;
  /** A credential helper may ask its user for something; longer than this it is not waited for. */
  readonly patienceMs?: number;
  readonly environment?: Environment;
}

const usualPatience = 60_000;

/**
 * Finds the credentials for a registry where its people already keep them: the file that
 * `WORKSTATION_REGISTRY_CREDENTIALS` names (`user:password`), else Docker's configuration with its credential helpers.
 * None: the registry is asked as nobody. Throws `CREDENTIALS_UNREADABLE`, also for a helper that fails.
 */
export async function findCredentials(host: string, search: Search): Promise<Credentials | undefined> {
  const { environment = process.env } = search;
  const file = environment.WORKSTATION_REGISTRY_CREDENTIALS;
  if (file) return splitPair(readText(file), file);
  const folder = environment.DOCKER_CONFIG || join(environment.HOME || homedir(), ".docker");
  const config = readDockerConfig(join(folder, "config.json"));
  const helper = config.credHelpers?.[host] ?? config.credsStore;
  const helped = helper === undefined ? undefined : await askHelper(helper, host, search);
  return helped ?? fromAuths(config, host, join(folder, "config.json"));
}

const dockerConfig = z.object({
  auths: z
    .record(z.string(), z.object({ auth: z.string().optional(), identitytoken: z.string().optional() }))
    .optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});

type DockerConfig = z.infer<typeof dockerConfig>;

function readDockerConfig(file: string): DockerConfig {
  try {
    return dockerConfig.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw unreadable(file, "is no configuration of Docker");
  }
}

function fromAuths({ auths = {} }: DockerConfig, host: string, file: string): Credentials | undefined {
  const entry = auths[host] ?? auths[`https://${host}`];
  if (!entry?.auth) return undefined;
  const pair = splitPair(Buffer.from(entry.auth, "base64").toString(), file);
  return entry.identitytoken ? { ...pair, identityToken: entry.identitytoken } : pair;
}

const helperAnswer = z.object({ Username: z.string(), Secret: z.string() });

async function askHelper(helper: string, host: string, search: Search): Promise<Credentials | undefined> {
  const program = `docker-credential-${helper}`;
  const answer = await runHelper(program, host, search);
  search.signal.throwIfAborted();
  const { patienceMs = usualPatience } = search;
  if (answer.isCanceled)
    throw unreadable(program, `does not answer within ${formatDuration(patienceMs / 1000)}`);
  if (answer.code === "ENOENT")
    throw unreadable(program, "is not on the PATH, though Docker's configuration names it");
  if (answer.failed && noneThere.test(answer.stdout)) return undefined;
  if (answer.failed) throw unreadable(program, `fails (${answer.exitCode ?? answer.signal ?? answer.code})`);
  const { Username, Secret } = readAnswer(answer.stdout, program);
  return Username === "<token>"
    ? { user: "", password: "", identityToken: Secret }
    : { user: Username, password: Secret };
}

/** Docker's helpers are asked on their standard input, so that no host or secret is on a command line. */
async function runHelper(program: string, host: string, search: Search) {
  const { signal, patienceMs = usualPatience, environment = process.env } = search;
  const stop = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  const running = execa(program, ["get"], {
    input: host,
    stderr: "ignore",
    reject: false,
    env: { ...environment },
    extendEnv: false,
    cancelSignal: stop,
  });
  // What the helper has started may keep its output open after its end.
  stop.addEventListener("abort", () => running.stdout.destroy(), { once: true });
  return running;
}

/** How helpers say it (docker-credential-helpers): on standard output, with an exit code that says nothing. */
const noneThere = /credentials not found/i;

/** What JSON's own error repeats of a text would be a piece of the secret. */
function readAnswer(text: string, program: string): z.infer<typeof helperAnswer> {
  try {
    return helperAnswer.parse(JSON.parse(text));
  } catch {
    throw unreadable(program, "answers with no login");
  }
}

function splitPair(text: string, file: string): Credentials {
  const line = text.replace(/\r?\n$/, "");
  const colon = line.indexOf(":");
  if (colon < 1) throw unreadable(file, "holds no user:password");
  return { user: line.slice(0, colon), password: line.slice(colon + 1) };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw unreadable(file, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Never with the text that was read: it may be a secret. */
function unreadable(file: string, problem: string): UserError {
  return new UserError("CREDENTIALS_UNREADABLE", `${file} ${problem}`, {
    hint: "one line, user:password, in a file that only you can read; or `docker login`",
  });
}
