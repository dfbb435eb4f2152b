import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attacks } from "../../../testing/attack.ts";
import { type AccessFixture, startAccessFixture } from "../testing/access-fixture.ts";
import { scriptReview } from "../testing/scripted-review.ts";

/** What a hostile user or stranger sends from the own desktop, and what everybody else still gets. */

const anna = "user-anna.good";
const ben = "user-ben.good";
const program = fileURLToPath(new URL("../testing/tls-attacker.ts", import.meta.url));

let scheduler: AccessFixture;
/** Milliseconds that a list takes on this machine, busy as it is, without an attacker. */
let quiet: number;
beforeAll(async () => {
  scheduler = await startAccessFixture({ review: scriptReview().review });
  await scheduler.ask(ben, { method: "POST", body: { name: "mine", arguments: ["ls"] } });
  await medianOfLists();
  quiet = await medianOfLists();
});
afterAll(() => scheduler[Symbol.asyncDispose]());

async function medianOfLists(): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    const startedAt = performance.now();
    expect((await scheduler.ask(anna)).status).toBe(200);
    times.push(performance.now() - startedAt);
  }
  return times.sort((a, b) => a - b)[10] ?? Number.POSITIVE_INFINITY;
}

async function startAttacker(token: string, attack: string) {
  const { ports, authority } = scheduler;
  const words = ["--", program, `${ports.users}`, authority.file, token, attack];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

describe.each([
  ["a user", ben],
  ["somebody whose token nobody knows", "bad"],
])("another user's list is answered while %s sends", (_, token) => {
  test.each(attacks.map(({ name }) => name))("%s", async (attack) => {
    await using _attacker = await startAttacker(token, attack);
    // A few on a quiet machine; where nobody takes turns it is many seconds, or never.
    expect(await medianOfLists()).toBeLessThan(1000 + 20 * quiet);
  });
});
