import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ControlPlane } from "@workstation/cluster";

/** A scheduler as the chart starts it, as a process of this machine under the chart's account. */
export interface Replica {
  /** Sends requests as whoever has the token. */
  as(token: string): AskReplica;
  /** Where users reach it, as jobman wants it. */
  readonly url: string;
  /** Whether it answers that it is ready. */
  ready(): Promise<boolean>;
  log(): string;
  kill(signal: NodeJS.Signals): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

type AskReplica = (method: "GET" | "POST" | "DELETE", path: string, body?: object) => Promise<ReplicaAnswer>;

interface ReplicaAnswer {
  readonly status: number;
  /** Parts of a job, or of an error. */
  readonly body: { readonly state?: string; readonly code?: string };
}

const root = join(import.meta.dirname, "../../../..");
const program = join(root, "jobman/scheduler/bin/jobman-scheduler.js");

/** Starts one and resolves when it is ready. */
export async function startReplica(
  controlPlane: ControlPlane,
  options: { readonly site?: string; readonly argv?: readonly string[] } = {},
): Promise<Replica> {
  const tls = mkdtempSync(join(tmpdir(), "workstation-tls-"));
  const certificate = await controlPlane.issue({ name: "scheduler", hosts: ["127.0.0.1"] });
  copyFileSync(certificate.certificateFile, join(tls, "tls.crt"));
  copyFileSync(certificate.keyFile, join(tls, "tls.key"));
  const [users, operator, metrics] = [await freePort(), await freePort(), await freePort()];
  const kubeconfig = await controlPlane.kubeconfigFor({
    user: "system:serviceaccount:workstation:scheduler",
    groups: ["system:serviceaccounts", "system:authenticated"],
  });
  const place = (port: number) => `127.0.0.1:${port}`;
  const child = spawn(process.execPath, [
    ...[program, "serve", "--engine", "kubernetes", "--site", options.site ?? join(root, "site.yaml")],
    ...["--kubeconfig", kubeconfig, "--tls", tls, "--listen", place(users)],
    ...["--operator", place(operator), "--metrics", place(metrics), ...(options.argv ?? [])],
  ]);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => lines.push(String(chunk)));
  const ready = async (): Promise<boolean> => {
    const answer = await fetch(`http://${place(metrics)}/readyz`).catch(() => undefined);
    return answer?.status === 200;
  };
  await untilReady(child, ready, () => lines.join(""));
  return {
    url: `https://${place(users)}`,
    ready,
    log: () => lines.join(""),
    signal: (name) => void child.kill(name),
    kill: async (signal) => {
      await end(child, signal);
      rmSync(tls, { recursive: true, force: true });
    },
    as: (token) => (method, path, body) =>
      send({ port: users, token, method, path, body, ca: controlPlane.certificateAuthority }),
  };
}

async function untilReady(
  child: ChildProcess,
  ready: () => Promise<boolean>,
  log: () => string,
): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`the scheduler ended: ${log()}`);
    if (await ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the scheduler is not ready: ${log()}`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await gone;
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

function send(wanted: {
  readonly port: number;
  readonly token: string;
  readonly method: string;
  readonly path: string;
  readonly body: object | undefined;
  readonly ca: string;
}): Promise<ReplicaAnswer> {
  const { port, token, method, path, body, ca } = wanted;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const type = text === undefined ? {} : { "content-type": "application/json" };
  const headers = { authorization: `Bearer ${token}`, ...type };
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, ca, headers, agent: false }, (answer) => {
      const parts: string[] = [];
      answer.setEncoding("utf8").on("data", (part: string) => parts.push(part));
      answer.once("end", () =>
        resolve({ status: answer.statusCode ?? 0, body: JSON.parse(parts.join("") || "null") }),
      );
    });
    sent.once("error", reject);
    sent.end(text);
  });
}
