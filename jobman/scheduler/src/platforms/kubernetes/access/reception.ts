import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Server } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { ApiError } from "../../../errors/api-error.ts";
import { createGate } from "../../connections/gate.ts";
import { interpose } from "../../connections/http-server.ts";
import { oneRequestAtATime } from "../../connections/one-request.ts";
import type { User } from "../../user.ts";
import { bearerToken } from "./bearer-token.ts";
import { Refusal } from "./refusal.ts";
import { moveTo, type Parties, type Place, type Visit } from "./visits.ts";

export interface ReceptionOptions {
  readonly parties: Parties;
  /** Whose a token is; undefined where somebody must be asked. Throws `Refusal`. */
  readonly recall: (token: string) => User | undefined;
  /** The same, by asking. */
  readonly learn: (token: string) => Promise<User>;
  readonly onRefused: (refusal: Refusal, address: string) => void;
  readonly onFault: (fault: unknown) => void;
}

/** Learns who is asking before anything else is done for a request. */
export interface Reception {
  /** Handles a server's requests; its connections must have been watched. */
  readonly handler: RequestListener;
  /** Counts a server's connections, and has what comes through them wait for its turn. */
  watch(server: Server): void;
  /** Who sent a request that was received. Throws why it is nobody. */
  askerOf(request: IncomingMessage): User;
  /** Ends every connection. */
  close(): void;
}

/** Reviews that one address can have under way: others find the cluster's answer as soon. */
const mostAsking = 8;

export function createReception(options: ReceptionOptions): Reception {
  const state: State = { options, visits: new Map(), opened: new WeakMap(), askers: new WeakMap() };
  return {
    handler: oneRequestAtATime((request, response) => void receive(state, request, response)),
    watch: (server) => {
      interpose(server, "connection", (connection: Socket, serve) => arrive(state, connection, serve));
      interpose(server, "secureConnection", (connection: TLSSocket, serve) => {
        const visit = state.visits.get(endOf(connection))?.visit;
        if (visit === undefined) return void connection.destroy();
        const gate = createGate((task, kind) => visit.party.takeTurn(task, kind))(connection);
        state.opened.set(gate, visit);
        serve(gate);
      });
    },
    askerOf: (request) => {
      const asker = state.askers.get(request) ?? new Refusal("missing");
      if (asker instanceof Error) throw asker;
      return asker;
    },
    close: () => {
      for (const { connection } of state.visits.values()) connection.destroy();
    },
  };
}

interface State {
  readonly options: ReceptionOptions;
  /** By the other end's address and port: what TLS makes of a connection shows nothing else of it. */
  readonly visits: Map<string, { readonly connection: Socket; readonly visit: Visit }>;
  readonly opened: WeakMap<object, Visit>;
  readonly askers: WeakMap<IncomingMessage, User | Error>;
}

function endOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** What is too much ends before it has cost a handshake. */
function arrive(state: State, connection: Socket, serve: (connection: Socket) => void): void {
  const address = connection.remoteAddress;
  if (address === undefined) return void connection.destroy();
  const place = state.options.parties.placeOf(address);
  if (!place.mayConnect() || place.connections >= place.mostConnections) return void connection.destroy();
  const visit: Visit = { address, place, party: place };
  const end = endOf(connection);
  place.connections += 1;
  state.visits.set(end, { connection, visit });
  connection.once("close", () => {
    visit.party.connections -= 1;
    state.visits.delete(end);
  });
  serve(connection);
}

async function receive(
  state: State,
  request: IncomingMessage,
  response: ServerResponse<IncomingMessage>,
): Promise<void> {
  const visit = state.opened.get(request.socket);
  if (visit === undefined) return void request.socket.destroy();
  const asker = await recognize(state, request, visit).catch((error: unknown) => told(state, visit, error));
  // Whoever went away meanwhile would take from an allowance and never give back.
  if (response.destroyed || response.closed) return;
  state.askers.set(request, asker);
  if (asker instanceof Error) {
    for (const [name, value] of headersFor(asker)) response.setHeader(name, value);
    visit.place.listener(request, response);
    return;
  }
  const party = state.options.parties.userOf(asker.name);
  if (moveTo(visit, party)) party.listener(request, response);
  else request.socket.destroy();
}

async function recognize({ options }: State, request: IncomingMessage, { place }: Visit): Promise<User> {
  const token = bearerToken(request);
  const known = options.recall(token);
  if (known !== undefined) return known;
  if (place.asking >= mostAsking || !place.mayTryToken()) throw new Refusal("flood");
  return askAbout(place, () => options.learn(token));
}

async function askAbout(place: Place, ask: () => Promise<User>): Promise<User> {
  place.asking += 1;
  try {
    return await ask();
  } finally {
    place.asking -= 1;
  }
}

function told({ options }: State, { address }: Visit, error: unknown): Error {
  if (error instanceof Refusal) options.onRefused(error, address);
  else options.onFault(error);
  return error instanceof Error ? error : new Error(String(error));
}

/** RFC 9110, sections 11.6.1 and 10.2.3. */
function headersFor(error: Error): readonly (readonly [string, string])[] {
  if (!(error instanceof ApiError)) return [];
  if (error.code === "NOT_AUTHENTICATED") return [["www-authenticate", "Bearer"]];
  return error.code === "NOT_ALLOWED" ? [] : [["retry-after", "1"]];
}
