import { expect, test } from "vitest";
import { createTurns } from "../../connections/turns.ts";
import { createParties, moveTo } from "./visits.ts";

function newParties() {
  let listeners = 0;
  const newListener = () => {
    listeners += 1;
    return () => undefined;
  };
  const parties = createParties(createTurns({ longMs: 5, restFactor: 4 }), newListener);
  const arrive = (address: string) => {
    const place = parties.placeOf(address);
    place.connections += 1;
    return { address, place, party: place };
  };
  return { parties, arrive, listeners: () => listeners };
}

test("a connection counts to its address, then to whom it was recognized as, then to the next one", () => {
  const { parties, arrive } = newParties();
  const visit = arrive("10.0.0.1");
  const [anna, ben] = [parties.userOf("anna"), parties.userOf("ben")];
  const counts = () => [visit.place, anna, ben].map(({ connections }) => connections);
  expect(counts()).toEqual([1, 0, 0]);
  for (const party of [anna, anna]) expect(moveTo(visit, party)).toBe(true);
  expect(counts()).toEqual([0, 1, 0]);
  expect(moveTo(visit, ben)).toBe(true);
  expect(counts()).toEqual([0, 0, 1]);
});

test("a user has 256 connections, over all addresses, and one more is none", () => {
  const { parties, arrive } = newParties();
  const anna = parties.userOf("anna");
  for (let each = 0; each < 256; each += 1) expect(moveTo(arrive(`10.0.0.${each}`), anna)).toBe(true);
  const late = arrive("10.0.1.1");
  expect(moveTo(late, anna)).toBe(false);
  expect([late.place.connections, anna.connections]).toEqual([1, 256]);
});

test("an address opens 400 connections at once, and then waits", () => {
  const { parties } = newParties();
  const place = parties.placeOf("10.0.0.1");
  const opened = Array.from({ length: 500 }, () => place.mayConnect()).filter(Boolean);
  expect(opened.length).toBeGreaterThanOrEqual(400);
  expect(opened.length).toBeLessThan(450);
  expect(parties.placeOf("10.0.0.2").mayConnect()).toBe(true);
});

test("addresses without end take no memory without end, and those that are in use are kept", () => {
  const { parties, arrive, listeners } = newParties();
  const { place } = arrive("10.0.0.1");
  for (let each = 0; each < 3000; each += 1) parties.placeOf(`10.1.${each >> 8}.${each & 255}`);
  expect(parties.placeOf("10.0.0.1")).toBe(place);
  const made = listeners();
  parties.placeOf("10.1.0.0");
  expect(listeners()).toBe(made + 1);
});
