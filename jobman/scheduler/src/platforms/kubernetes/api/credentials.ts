import { readFile } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import { join } from "node:path";
import { UserError } from "@workstation/cli";

/** Where an API server is, and how it and we are known to each other. */
export interface Credentials {
  readonly server: string;
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** The headers of a request made now: tokens are renewed while we run. `afresh`: the last ones were refused. */
  headers(afresh?: boolean): Promise<Readonly<Record<string, string>>>;
}

/** The account that a pod is given; its files are renewed by the kubelet. */
export const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The credentials of a kubeconfig file, or of the pod that this process runs in. Throws `NO_CLUSTER`, which says what was
 * looked for.
 */
export function readCredentials(kubeconfig: string | undefined): Promise<Credentials> {
  return kubeconfig === undefined ? ownAccount() : fromKubeconfig(kubeconfig);
}

/** Read here because the client library takes 85 MB of memory, as much as the scheduler itself. */
async function ownAccount(): Promise<Credentials> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = process.env;
  if (host === undefined) throw noCluster("this is no pod of a cluster, and no kubeconfig was named");
  const address = host.includes(":") ? `[${host}]` : host;
  try {
    return await accountIn(accountFolder, `https://${address}:${port}`);
  } catch (error) {
    throw noCluster(`the pod's own account cannot be read: ${(error as Error).message}`);
  }
}

/** The account whose files lie in a folder. Throws what the system says of them. */
export async function accountIn(folder: string, server: string): Promise<Credentials> {
  const ca = await readFile(join(folder, "ca.crt"), "utf8");
  const token = renewed(() => readFile(join(folder, "token"), "utf8"));
  await token();
  return {
    server,
    tls: { ca },
    headers: async (afresh) => ({ authorization: `Bearer ${(await token(afresh)).trim()}` }),
  };
}

/** The kubelet renews tokens when a fifth of their time is left, ten minutes at the least. */
const tokenAgeMs = 60_000;

/** The last one that could be read holds where the next cannot. */
function renewed(read: () => Promise<string>): (afresh?: boolean) => Promise<string> {
  let last: { readonly value: string; readonly at: number } | undefined;
  return async (afresh = false) => {
    if (!afresh && last !== undefined && performance.now() - last.at <= tokenAgeMs) return last.value;
    try {
      last = { value: await read(), at: performance.now() };
    } catch (error) {
      if (last === undefined) throw error;
    }
    return last.value;
  };
}

async function fromKubeconfig(file: string): Promise<Credentials> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (error) {
    throw noCluster(`${file} is no kubeconfig: ${(error as Error).message}`);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw noCluster(`${file} names no current context`);
  const first = await optionsOf(config);
  return {
    server: cluster.server.replace(/\/$/, ""),
    tls: textsOf(first),
    headers: async () => headersOf(await optionsOf(config)),
  };
}

async function optionsOf(config: {
  applyToHTTPSOptions(options: RequestOptions): Promise<void>;
}): Promise<RequestOptions> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  return options;
}

function textsOf({ ca, cert, key }: RequestOptions): Credentials["tls"] {
  const text = (name: string, value: unknown) => (value == null ? {} : { [name]: String(value) });
  return { ...text("ca", ca), ...text("cert", cert), ...text("key", key) };
}

function headersOf({ headers, auth }: RequestOptions): Readonly<Record<string, string>> {
  const given = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  if (auth == null) return Object.fromEntries(given);
  return { ...Object.fromEntries(given), authorization: `Basic ${Buffer.from(auth).toString("base64")}` };
}

function noCluster(message: string): UserError {
  return new UserError("NO_CLUSTER", message, {
    hint: "name one: --kubeconfig FILE; or run the scheduler in the cluster, see docs/operate/kubernetes.md",
  });
}
