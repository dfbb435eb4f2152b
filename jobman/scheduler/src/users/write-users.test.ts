import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { userFolder } from "@workstation/site";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readUsers } from "./read-users.ts";
import { parsePasswd } from "./system-account.ts";
import { addUser, changeDatasets, type UserStore } from "./write-users.ts";

const isRoot = process.getuid?.() === 0;
const ownUid = process.getuid?.() ?? 0;
let store: UserStore;

beforeEach(async () => {
  const state = await mkdtemp(join(tmpdir(), "jobman-users-"));
  const site = { user: { name: "chaimeleon", uid: 1234, gid: 1235 } };
  store = { state, site, ownUid, ownGid: process.getgid?.() ?? 0 };
});
afterEach(() => rm(store.state, { recursive: true, force: true }));

describe.runIf(isRoot)("as root", () => {
  test("a new user gets the next free id from 20000 and a home of its own", async () => {
    const [first, second] = [
      await addUser(store, { name: "zoe-1", datasets: "" }),
      await addUser(store, { name: "zoe-2", datasets: "" }),
    ];
    expect([first.user.uid, second.user.uid]).toEqual([20_000, 20_001]);
    const home = await stat(userFolder(store.state, "zoe-2").persistentHome);
    expect([home.uid, home.gid, home.mode & 0o777]).toEqual([20_001, 20_001, 0o700]);
  });

  test("the site's own user gets the site's ids", async () => {
    expect((await addUser(store, { name: "chaimeleon", datasets: "" })).user).toMatchObject({
      uid: 1234,
      gid: 1235,
    });
  });

  test("an account of the machine keeps its id", async () => {
    expect((await addUser(store, { name: "games", datasets: "" })).user.uid).toBeLessThan(100);
  });

  test("a home that belongs to somebody else is not given away", async () => {
    await addUser(store, { name: "zoe-1", uid: 20_005, datasets: "" });
    await rm(userFolder(store.state, "zoe-1").record);
    await expect(addUser(store, { name: "zoe-1", uid: 20_006, datasets: "" })).rejects.toMatchObject({
      code: "HOME_NOT_OWNED",
    });
  });
});

test("adding a user twice changes nothing, another uid is refused", async () => {
  await addUser(store, { name: "zoe-1", datasets: "b,a" });
  expect(await addUser(store, { name: "zoe-1", datasets: "" })).toMatchObject({ changed: false });
  const uid = isRoot ? 20_999 : ownUid + 1;
  await expect(addUser(store, { name: "zoe-1", uid, datasets: "" })).rejects.toThrow(/uid \d+/);
});

test("datasets are granted and revoked, and both can be repeated", async () => {
  await addUser(store, { name: "zoe-1", datasets: "b" });
  const change = (verb: "grant" | "revoke", datasets: string) =>
    changeDatasets(store, { name: "zoe-1", datasets, change: verb });
  expect((await change("grant", "a, c,a")).user.datasets).toEqual(["a", "b", "c"]);
  expect(await change("grant", "a")).toMatchObject({ changed: false });
  expect((await change("revoke", "a,x")).user.datasets).toEqual(["b", "c"]);
  expect((await readUsers(store.state, ownUid)).users.get("zoe-1")?.datasets).toEqual(["b", "c"]);
});

test.each(["", "../x", "Zoe", "a b", "-a", "a".repeat(33), "a/b", "ü"])(
  "%j is no user's name",
  async (name) => {
    await expect(addUser(store, { name, datasets: "" })).rejects.toMatchObject({ code: "INVALID_USER_NAME" });
  },
);

test.each(["..", "a/b", "a\nb"])("%j is no dataset", async (datasets) => {
  await expect(addUser(store, { name: "zoe-1", datasets })).rejects.toMatchObject({
    code: "INVALID_DATASET",
  });
});

test("a record that cannot be read is a problem of that user alone", async () => {
  await addUser(store, { name: "zoe-1", datasets: "" });
  await addUser(store, { name: "zoe-2", datasets: "" });
  const { record } = userFolder(store.state, "zoe-1");
  await writeFile(record, (await readFile(record, "utf8")).slice(0, 9));
  const { users, problems } = await readUsers(store.state, ownUid);
  expect([...users.keys()]).toEqual(["zoe-2"]);
  expect(problems).toEqual([expect.stringContaining("zoe-1")]);
});

test("an ordinary account serves itself alone", async () => {
  await addUser(store, { name: "zoe-1", datasets: "" });
  const { users, problems } = await readUsers(store.state, ownUid + 54_321);
  expect([users.size, problems[0]]).toEqual([0, expect.stringContaining("can serve that one alone")]);
});

test("an account is found by its whole name", () => {
  expect(parsePasswd("ann:x:5:6::/:/bin/sh\nan:x:7:8::/:/bin/sh\n", "an")).toEqual({ uid: 7, gid: 8 });
  expect(parsePasswd("", "an")).toBeUndefined();
});
