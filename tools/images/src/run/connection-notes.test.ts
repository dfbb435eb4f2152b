import { expect, test } from "vitest";
import { connectionData, connectionNotes, type DesktopFacts } from "./connection-notes.ts";

const facts: DesktopFacts = {
  name: "desktop-ana",
  image: "ubuntu-python-desktop:latest",
  owner: "ana",
  account: "chaimeleon",
  ports: [
    { address: "127.0.0.1", hostPort: 32_001, containerPort: 5900 },
    { address: "127.0.0.1", hostPort: 32_002, containerPort: 2222 },
  ],
  passwords: { vnc: "vncvncvn", ssh: "sshsshsshssh" },
  scheduler: { folder: true, answers: true },
  link: "http://127.0.0.1:1/open/x",
  detached: false,
};

test("a person is told every way to the desktop, and how to end it", () => {
  expect(connectionNotes(facts)).toBe(`
The desktop of ana: desktop-ana, of ubuntu-python-desktop:latest
  browser  http://127.0.0.1:1/open/x (opens once)
  VNC      127.0.0.1:32001, password vncvncvn
  SFTP     sftp -P 32002 chaimeleon@127.0.0.1, password sshsshsshssh
  jobman   jobs go to the scheduler of this machine
  stop     npm run images -- run --stop desktop-ana, or Ctrl-C
`);
});

test.each([
  ["nobody's", { owner: undefined, scheduler: undefined }, "name a user with --user"],
  ["one whose scheduler has stopped", { scheduler: { folder: true, answers: false } }, "no scheduler runs"],
  [
    "one that never had a scheduler",
    { scheduler: { folder: false, answers: false } },
    "then the desktop again",
  ],
  ["a detached one", { detached: true }, "--stop desktop-ana\n"],
  [
    "one whose VNC password was none to show",
    { passwords: { ssh: "sshsshsshssh" } },
    "no password came that can be shown: give one with --vnc-password-file",
  ],
  [
    "one whose SFTP password was none to show",
    { passwords: { vnc: "vncvncvn" } },
    "no password came that can be shown: a key in ~/persistent-home/.ssh/authorized_keys opens it",
  ],
  [
    "one for every address",
    { ports: [{ address: "0.0.0.0", hostPort: 5, containerPort: 5900 }] },
    "127.0.0.1:5",
  ],
])("%s says what is different", (_, other, words) => {
  expect(connectionNotes({ ...facts, ...other })).toContain(words);
});

test("a desktop without file transfer names no SFTP", () => {
  const without = { ...facts, ports: facts.ports.slice(0, 1) };
  expect(connectionNotes(without)).not.toContain("SFTP");
  expect(connectionData(without)).toMatchObject({
    vnc: { host: "127.0.0.1", port: 32_001, password: "vncvncvn" },
    ssh: null,
    scheduler: true,
  });
});
