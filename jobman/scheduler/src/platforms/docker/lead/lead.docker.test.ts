import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDocker, ensureVolume, removeVolume } from "@workstation/docker";
import { containerLabels } from "@workstation/site";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../../../testing/until.ts";
import { removeInstance } from "../../testing/docker-fixture.ts";
import { type Lead, takeLead } from "./lead.ts";

const docker = await connectDocker();
let folder: string;
let instance: string;
const leads: Lead[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "jobman-lead-"));
  instance = `test-${randomBytes(4).toString("hex")}`;
});
afterEach(async () => {
  for (const lead of leads.splice(0)) await lead.release();
  await removeInstance(docker, instance);
  await rm(folder, { recursive: true, force: true });
});

test("one instance of an engine belongs to one state folder, also while nobody serves it", async () => {
  await (await lead("first")).release();
  await expect(lead("second")).rejects.toMatchObject({
    code: "INSTANCE_CLAIMED",
    message: expect.stringContaining(join(folder, "first")),
    hint: expect.stringContaining(`docker volume rm ${instance}-scheduler`),
  });
  await lead("first");
});

test("a folder that was emptied at its place has its instance again", async () => {
  await (await lead("first")).release();
  await rm(join(folder, "first"), { recursive: true });
  await lead("first");
});

test("a claim that was pruned is made again", async () => {
  await lead("first", 20);
  await removeVolume(docker, claim());
  await until("it is there again", async () => {
    const { Volumes } = await docker.listVolumes();
    return Volumes.some((each) => each.Name === claim());
  });
});

test("a scheduler whose instance another folder took hears so", async () => {
  const { lost } = await lead("first", 20);
  await removeVolume(docker, claim());
  await ensureVolume(docker, claim(), {
    [containerLabels.instance]: instance,
    [containerLabels.id]: "another",
  });
  expect(await lost).toMatchObject({ code: "INSTANCE_CLAIMED" });
});

const claim = (): string => `${instance}-scheduler`;

async function lead(name: string, checkEveryMs?: number): Promise<Lead> {
  const holder = { instance, pid: process.pid, user: "test", since: "now" };
  const place = { state: join(folder, name), holder };
  const taken = await takeLead(docker, checkEveryMs === undefined ? place : { ...place, checkEveryMs });
  leads.push(taken);
  return taken;
}
