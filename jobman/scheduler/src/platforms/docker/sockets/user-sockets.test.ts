import { execFileSync, spawn } from "node:child_process";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { userSocket } from "@workstation/site";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ask } from "../../../testing/scheduler-fixture.ts";
import { until } from "../../../testing/until.ts";
import { createTurns } from "../../connections/turns.ts";
import { createUserSockets, type UserSockets } from "./user-sockets.ts";

const isRoot = process.getuid?.() === 0;
const ids = isRoot
  ? { uid: 20_771, gid: 20_771 }
  : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const zoe = { name: "zoe", ...ids, datasets: [] };
let run: string;
let sockets: UserSockets;
let errors: string[];

beforeEach(async () => {
  run = await mkdtemp(join(tmpdir(), "jobman-sockets-"));
  await chmod(run, 0o755);
  errors = [];
  sockets = createUserSockets({
    run,
    staging: join(run, "staging"),
    makeFolders: async () => void (await mkdir(join(run, "staging"), { recursive: true, mode: 0o700 })),
    giveAway: isRoot,
    handlerFor: (user) => (request, response) =>
      void (request.url === "/hold" ? response.write("held") : response.end(user)),
    turns: createTurns({ longMs: 5, restFactor: 4 }),
    onError: (message) => errors.push(message),
    checkEveryMs: 100,
  });
  await sockets.follow([zoe]);
});
afterEach(async () => {
  await sockets.close();
  await rm(run, { recursive: true, force: true });
});

const place = () => userSocket(run, "zoe");
const answer = () => ask(place().socket, { method: "GET", path: "/" }).catch(() => undefined);
const answers = () => until("the socket answers", async () => (await answer())?.text === "zoe");

test("folder and socket belong to the user alone", async () => {
  const [folder, socket] = [await stat(place().folder), await lstat(place().socket)];
  expect([folder.mode & 0o7777, folder.uid]).toEqual([0o700, ids.uid]);
  expect([socket.mode & 0o777, socket.uid]).toEqual([0o600, ids.uid]);
  await answers();
});

test("a removed socket file is made again in the same folder", async () => {
  const before = await stat(place().folder);
  await unlink(place().socket);
  await answers();
  expect((await stat(place().folder)).ino).toBe(before.ino);
});

test("a link in the socket's place is replaced and never followed", async () => {
  const target = join(run, "target");
  await writeFile(target, "untouched", { mode: 0o640 });
  await unlink(place().socket);
  await symlink(target, place().socket);
  await answers();
  expect((await lstat(place().socket)).isSocket()).toBe(true);
  expect(await stat(target)).toMatchObject({ uid: process.getuid?.(), size: 9 });
  await expect(readlink(place().socket)).rejects.toThrow();
});

test("a folder in the socket's place is told as a fault and disturbs nobody else", async () => {
  await sockets.follow([zoe, { ...zoe, name: "yan" }]);
  await unlink(place().socket);
  await mkdir(place().socket);
  await until("the fault is told", () => errors.length > 0);
  expect([sockets.isOpen("zoe"), sockets.isOpen("yan")]).toEqual([false, true]);
  const { socket } = userSocket(run, "yan");
  expect((await ask(socket, { method: "GET", path: "/" })).text).toBe("yan");
  await rm(place().socket, { recursive: true });
  await until("it is open again", () => sockets.isOpen("zoe"));
});

test("a user who breaks the own folder without a pause takes no descriptor and delays nobody", async () => {
  await sockets.follow([zoe, { ...zoe, name: "yan" }]);
  await answers();
  const before = (await readdir("/proc/self/fd")).length;
  await unlink(place().socket);
  await mkdir(join(place().socket, "full"), { recursive: true });
  for (let change = 0; change < 400; change += 1) {
    await writeFile(join(place().folder, `change-${change}`), "");
    if (change === 200) await unlink(userSocket(run, "yan").socket);
  }
  const { socket } = userSocket(run, "yan");
  const reachYan = () => ask(socket, { method: "GET", path: "/" }).catch(() => undefined);
  await until("the other user is served again", async () => (await reachYan())?.text === "yan");
  expect((await readdir("/proc/self/fd")).length).toBeLessThan(before + 5);
  expect(await readdir(join(run, "staging"))).toEqual([]);
  expect(errors).toHaveLength(1);
});

test("folders that were removed are made again, with the socket in them", async () => {
  await rm(place().folder, { recursive: true });
  await rm(join(run, "staging"), { recursive: true });
  await answers();
  expect((await stat(place().folder)).mode & 0o7777).toBe(0o700);
});

test("connections are counted over all sockets of a user, so that a removed file gives no new ones", async () => {
  const open = await Promise.all(Array.from({ length: 256 }, () => holdConnection(place().socket)));
  await unlink(place().socket);
  await until("the socket is there again", async () => (await lstat(place().socket).catch(() => 0)) !== 0);
  expect(await answer()).toBeUndefined();
  for (const connection of open) connection.destroy();
  await answers();
});

test("a user who is no longer there has no socket any more", async () => {
  await sockets.follow([]);
  await expect(lstat(place().socket)).rejects.toThrow(/ENOENT/);
});

test.runIf(isRoot)("another account cannot reach the socket, its owner can", async () => {
  const script = `require("node:http").get({socketPath:${JSON.stringify(place().socket)}},r=>r.pipe(process.stdout)).on("error",e=>{console.log(e.code)})`;
  const copy = join(run, "node");
  execFileSync("cp", [process.execPath, copy]);
  await chmod(copy, 0o755);
  const as = (uid: number) => runAs(copy, script, uid);
  expect(await as(ids.uid)).toBe("zoe");
  expect(await as(20_772)).toBe("EACCES\n");
});

function holdConnection(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write("GET /hold HTTP/1.1\r\nhost: a\r\n\r\n"));
    socket.once("data", () => resolve(socket)).on("error", reject);
  });
}

async function runAs(node: string, script: string, uid: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(node, ["-e", script], { uid, gid: uid, cwd: "/", env: {} });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    child.on("error", reject);
    child.on("close", () => resolve(text));
  });
}
