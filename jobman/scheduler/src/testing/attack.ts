import { connect, type Socket } from "node:net";

/** What a hostile user's program sends through the own socket, over and over. */
export interface Attack {
  readonly name: string;
  readonly connections: number;
  /** Bytes of one round on one connection. */
  readonly bytes: Buffer;
  /** When a connection sends its next round: once the last was sent, once something was answered, or never. */
  readonly again: "when sent" | "when answered" | "never";
  /** Answers are left lying in the connection. */
  readonly unread?: boolean;
}

/** How the attacker's program reaches the scheduler. */
export interface Reach {
  open(): Socket;
  /** The connection's event from which on it can send. */
  readonly ready: "connect" | "secureConnect";
}

/** Through a socket of the machine. */
export function reachSocket(path: string): Reach {
  return { open: () => connect(path), ready: "connect" };
}

/** Attacks until `signal` ends it; a connection that the scheduler closes is opened again. */
export function startAttack(reach: Reach, attack: Attack, signal: AbortSignal): void {
  for (let index = 0; index < attack.connections; index += 1) openOne(reach, attack, signal);
}

function openOne(reach: Reach, attack: Attack, signal: AbortSignal): void {
  if (signal.aborted) return;
  const socket = reach.open();
  const stop = (): void => void socket.destroy();
  const send = (): void => {
    if (!socket.writable) return;
    socket.write(attack.bytes, () => attack.again === "when sent" && setImmediate(send));
  };
  signal.addEventListener("abort", stop, { once: true });
  socket.on(reach.ready, send);
  if (attack.unread !== true) socket.on("data", () => attack.again === "when answered" && send());
  socket.on("error", () => undefined);
  socket.on("close", () => {
    signal.removeEventListener("abort", stop);
    setTimeout(() => openOne(reach, attack, signal), 5);
  });
}

/** A request as it goes over the wire. */
export function rawRequest(method: string, path: string, body = ""): string {
  const type = body === "" ? "" : "content-type: application/json\r\n";
  return `${method} ${path} HTTP/1.1\r\nhost: a\r\n${type}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

const variables = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`K${index}`, ""]));
const largest = Array.from({ length: 10 }, () => "\n".repeat(100_000));
const tryOut = (body: object): string => rawRequest("POST", "/v1/jobs?dryRun=true", JSON.stringify(body));

/** All that is known to have stalled a scheduler, or might. */
export const attacks: readonly Attack[] = [
  {
    name: "200,000 variables in a request of 2 MB",
    connections: 8,
    bytes: Buffer.from(tryOut({ arguments: ["true"], environment: variables }).slice(0, 2_090_000)),
    again: "when answered",
  },
  {
    name: "256 dry runs of 2 MB at once",
    connections: 256,
    bytes: Buffer.from(tryOut({ arguments: largest })),
    again: "when answered",
  },
  {
    name: "a million brackets",
    connections: 8,
    bytes: Buffer.from(rawRequest("POST", "/v1/jobs", "[".repeat(1_000_000))),
    again: "when answered",
  },
  {
    name: "400 pipelined requests for the images",
    connections: 50,
    bytes: Buffer.from(rawRequest("GET", "/v1/images").repeat(400)),
    again: "when sent",
  },
  {
    name: "250 connections with 1,400 pipelined watches",
    connections: 250,
    bytes: Buffer.from(rawRequest("GET", "/v1/jobs/mine/watch").repeat(1400)),
    again: "when sent",
  },
  {
    name: "lists as fast as they are answered",
    connections: 64,
    bytes: Buffer.from(rawRequest("GET", "/v1/jobs")),
    again: "when answered",
  },
  {
    name: "answers that nobody reads",
    connections: 256,
    bytes: Buffer.from(tryOut({ arguments: largest })),
    again: "when sent",
    unread: true,
  },
  {
    name: "connections opened without end",
    connections: 600,
    bytes: Buffer.from("GET /v1/jobs HTTP/1.1\r\nhost: a\r\n"),
    again: "never",
  },
];
