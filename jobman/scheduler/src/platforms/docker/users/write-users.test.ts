import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { userFolder } from "@workstation/site";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readUsers } from "./read-users.ts";
import { findSystemAccount, parsePasswd } from "./system-account.ts";
import { addUser, changeDatasets, type UserStore } from "./write-users.ts";

const isRoot = process.getuid?.() === 0;
const ownUid = process.getuid?.() ?? 0;
const limits = { lowestId: 1000 };
const reader = { ownUid, ...limits };
let store: UserStore;

beforeEach(async () => {
  const state = await mkdtemp(join(tmpdir(), "jobman-users-"));
  const site = { user: { name: "chaimeleon", uid: 1234, gid: 1235 }, limits };
  store = { state, site, ownUid };
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

  test("users who are added at the same moment get ids of their own", async () => {
    const names = Array.from({ length: 8 }, (_, index) => `zoe-${index}`);
    const added = await Promise.all(names.map((name) => addUser(store, { name, datasets: "" })));
    expect(new Set(added.map(({ user }) => user.uid)).size).toBe(names.length);
  });

  test("the site's own user gets the site's ids", async () => {
    expect((await addUser(store, { name: "chaimeleon", datasets: "" })).user).toMatchObject({
      uid: 1234,
      gid: 1235,
    });
  });

  test("the site's own user gets the next free ids where an account of the machine has the site's", async () => {
    const games = await findSystemAccount("games");
    const user = { name: "chaimeleon", uid: games?.uid ?? 0, gid: games?.gid ?? 0 };
    store = { ...store, site: { user, limits: { lowestId: 1 } } };
    expect((await addUser(store, { name: "chaimeleon", datasets: "" })).user).toMatchObject({
      uid: 20_000,
      gid: 20_000,
    });
  });

  test("an account of the machine keeps its uid, with a group of its own number", async () => {
    const games = await findSystemAccount("games");
    store = { ...store, site: { ...store.site, limits: { lowestId: 1 } } };
    const { user } = await addUser(store, { name: "games", datasets: "" });
    expect([user.uid, user.gid]).toEqual([games?.uid, games?.uid]);
  });

  test.each(["root", "daemon", "www-data"])("the system account %s is no user", async (name) => {
    await expect(addUser(store, { name, datasets: "" })).rejects.toMatchObject({ code: "ID_NOT_ALLOWED" });
    expect((await readUsers(store.state, reader)).users.size).toBe(0);
  });

  test.each([0, 33, 999, 65_534, 65_535, 2_147_483_648, 4_294_967_294, 4_294_967_295, 2 ** 53])(
    "uid %i is refused, whoever asks for it",
    async (uid) => {
      const add = addUser(store, { name: "zoe-1", uid, datasets: "" });
      await expect(add).rejects.toMatchObject({
        code: "ID_NOT_ALLOWED",
        message: expect.stringContaining(`${uid}`),
      });
    },
  );

  test("the uid or the group of another user is refused, and the next free one is neither", async () => {
    await addUser(store, { name: "chaimeleon", datasets: "" });
    for (const uid of [1234, 1235]) {
      const add = addUser(store, { name: "zoe-1", uid, datasets: "" });
      await expect(add).rejects.toMatchObject({
        code: "ID_TAKEN",
        message: expect.stringContaining("chaimeleon"),
      });
    }
    await addUser(store, { name: "zoe-2", uid: 30_000, datasets: "" });
    await addUser(store, { name: "zoe-3", uid: 20_001, datasets: "" });
    expect((await addUser(store, { name: "zoe-4", datasets: "" })).user.uid).toBe(20_000);
    expect((await addUser(store, { name: "zoe-5", datasets: "" })).user.uid).toBe(20_002);
  });

  test("the uid of another account of the machine is refused by the account's name", async () => {
    const games = await findSystemAccount("games");
    store = { ...store, site: { ...store.site, limits: { lowestId: 1 } } };
    const add = addUser(store, { name: "zoe-1", uid: games?.uid ?? 0, datasets: "" });
    await expect(add).rejects.toMatchObject({
      code: "ID_TAKEN",
      message: expect.stringContaining("account games of this machine"),
    });
  });

  test("the next free id is none that an account of the machine has", async () => {
    const answer = `[ "$3" = 20000 ] && echo 'gina:x:20000:20000::/home/gina:/bin/sh' || exit 2`;
    await writeFile(join(store.state, "getent"), `#!/bin/sh\n${answer}\n`, { mode: 0o755 });
    vi.stubEnv("PATH", `${store.state}:${process.env.PATH}`);
    expect((await addUser(store, { name: "zoe-1", datasets: "" })).user.uid).toBe(20_001);
    await expect(addUser(store, { name: "zoe-2", uid: 20_000, datasets: "" })).rejects.toMatchObject({
      message: expect.stringContaining("gina"),
    });
    vi.unstubAllEnvs();
  });

  test.each([
    ["the uid of root", { uid: 0 }],
    ["the uid of a system account", { uid: 33 }],
    ["the group of root", { gid: 0 }],
    ["a group below the floor", { gid: 100 }],
    ["the uid of another user", { uid: 20_000 }],
  ])("a record that was edited to %s is a problem, and that user is not served", async (_, edited) => {
    await addUser(store, { name: "zoe-1", datasets: "" });
    const { user } = await addUser(store, { name: "zoe-2", datasets: "" });
    const { record } = userFolder(store.state, "zoe-2");
    await writeFile(record, JSON.stringify({ uid: user.uid, gid: user.gid, datasets: [], ...edited }));
    const { users, problems } = await readUsers(store.state, reader);
    expect([...users.keys()]).toEqual(["zoe-1"]);
    expect(problems).toEqual([expect.stringMatching(new RegExp(`zoe-2.* ${Object.values(edited)[0]}`))]);
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
  expect((await readUsers(store.state, reader)).users.get("zoe-1")?.datasets).toEqual(["b", "c"]);
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
  const { record } = userFolder(store.state, "zoe-1");
  await writeFile(record, (await readFile(record, "utf8")).slice(0, 9));
  await addUser(store, { name: "zoe-2", datasets: "" });
  const { users, problems } = await readUsers(store.state, reader);
  expect([...users.keys()]).toEqual(["zoe-2"]);
  expect(problems).toEqual([expect.stringContaining("zoe-1")]);
});

test("an ordinary account serves itself alone", async () => {
  await addUser(store, { name: "zoe-1", datasets: "" });
  const { users, problems } = await readUsers(store.state, { ...reader, ownUid: ownUid + 54_321 });
  expect([users.size, problems[0]]).toEqual([0, expect.stringContaining("can serve that one alone")]);
});

test("an account is found by its whole name", () => {
  expect(parsePasswd("ann:x:5:6::/:/bin/sh\nan:x:7:8::/:/bin/sh\n", "an")).toEqual({ uid: 7, gid: 8 });
  expect(parsePasswd("", "an")).toBeUndefined();
});
