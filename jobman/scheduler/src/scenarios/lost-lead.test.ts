import { UserError } from "@workstation/cli";
import { expect, test } from "vitest";
import { formatStatus } from "../commands/status.ts";
import { statusSchema } from "../status/admin-protocol.ts";
import { createFakeEngine } from "../testing/fake-engine.ts";
import { makeSchedulerFixture } from "../testing/scheduler-fixture.ts";
import { until } from "../testing/until.ts";

test("a scheduler that loses the lead stops by itself: nothing is taken or started any more", async () => {
  const { promise: lost, resolve: lose } = Promise.withResolvers<UserError>();
  let released = 0;
  const engine = createFakeEngine(Date.now);
  await using fixture = await makeSchedulerFixture({
    engine,
    users: ["alice"],
    lead: {
      lost,
      release: async () => {
        released += 1;
      },
    },
  });
  const alice = fixture.as("alice");
  expect((await alice("POST", "/v1/jobs", { arguments: ["true"], name: "a" })).status).toBe(201);
  const reason = new UserError("INSTANCE_CLAIMED", "another took it");
  lose(reason);
  expect(await fixture.over()).toBe(reason);
  await until("the lead is given back", () => released === 1);
  await expect(alice("POST", "/v1/jobs", { arguments: ["true"] })).rejects.toThrow(/ENOENT|ECONNREFUSED/);
  const running = [...engine.jobs.values()].find((job) => job.spec.name === "a");
  engine.finish(running?.spec.id ?? "", 0);
  await fixture.dispose();
  expect([released, engine.jobs.size]).toEqual([1, 1]);
});

test.each([true, false])("its status says whether it decides: %j", async (leads) => {
  const term = {
    stand: () => undefined,
    held: () => leads,
    onChange: () => undefined,
    giveBack: async () => undefined,
  };
  await using fixture = await makeSchedulerFixture({
    engine: createFakeEngine(Date.now),
    users: ["alice"],
    lead: { term, lost: new Promise(() => undefined), release: async () => undefined },
  });
  const { body } = await fixture.asOperator("GET", "/v1/status");
  expect(body.leads).toBe(leads);
  expect(formatStatus(statusSchema.parse(body)).includes("this replica stands by")).toBe(!leads);
});
