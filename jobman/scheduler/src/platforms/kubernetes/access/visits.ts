import type { RequestListener } from "node:http";
import { mostConnections } from "../../connections/http-server.ts";
import { createRate } from "../../connections/rate.ts";
import type { TakeTurn, Turns } from "../../connections/turns.ts";

/** Whom connections are counted to: an address until somebody there was recognized, then that user. */
export interface Party {
  /** Connections that are open. */
  connections: number;
  readonly mostConnections: number;
  readonly takeTurn: TakeTurn;
  readonly listener: RequestListener;
}

/** Where strangers come from. */
export interface Place extends Party {
  /** False when it opened too many connections in a short time. */
  readonly mayConnect: () => boolean;
  /** False when too many tokens that nobody knew came from it in a short time. */
  readonly mayTryToken: () => boolean;
  /** Tokens from it that are being asked about. */
  asking: number;
}

/** One connection. */
export interface Visit {
  readonly address: string;
  readonly place: Place;
  /** Whom it counts to now. */
  party: Party;
}

export interface Parties {
  placeOf(address: string): Place;
  userOf(name: string): Party;
}

/** So many connections of an address may wait for somebody to be recognized, each for 20 seconds at most. */
const mostStrangers = 64;
/** A researcher's own use stays far below; a token that is known is not counted. */
const connectionRate = { most: 400, perSecond: 100 };
const tokenRate = { most: 30, perSecond: 1 };
const mostPlaces = 2048;

/** `newListener` makes one with an allowance of its own. */
export function createParties(turns: Turns, newListener: () => RequestListener): Parties {
  const now = (): number => performance.now();
  const users = new Map<string, Party>();
  const places = new Map<string, Place>();
  const party = (most: number): Party => ({
    connections: 0,
    mostConnections: most,
    takeTurn: turns.newRow(),
    listener: newListener(),
  });
  return {
    placeOf: (address) => {
      const known = places.get(address);
      if (known !== undefined) return known;
      if (places.size >= mostPlaces) forgetEmpty(places);
      const place = {
        ...party(mostStrangers),
        mayConnect: createRate(connectionRate, now),
        mayTryToken: createRate(tokenRate, now),
        asking: 0,
      };
      places.set(address, place);
      return place;
    },
    userOf: (name) => {
      const user = users.get(name) ?? party(mostConnections);
      users.set(name, user);
      return user;
    },
  };
}

function forgetEmpty(places: Map<string, Place>): void {
  for (const [address, place] of places) if (place.connections === 0) places.delete(address);
}

/** Counts a connection to another party from now on. False, and nothing changed, where that one has too many. */
export function moveTo(visit: Visit, party: Party): boolean {
  if (visit.party === party) return true;
  if (party.connections >= party.mostConnections) return false;
  visit.party.connections -= 1;
  party.connections += 1;
  visit.party = party;
  return true;
}
