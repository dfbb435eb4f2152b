import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseMade, readPasswords, secretFiles } from "./passwords.ts";

const folder = mkdtempSync(join(tmpdir(), "passwords-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string): string {
  const path = join(folder, "password");
  writeFileSync(path, content);
  return path;
}

test("the first line of a file is the password, and becomes a file of the container", () => {
  const passwords = readPasswords({ vnc: file("secret12\r\nsecond\n"), ssh: undefined });
  expect(passwords).toEqual({ vnc: "secret12" });
  expect(secretFiles(passwords)).toEqual({ "vnc-password": "secret12\n" });
});

test.each([
  ["short", "vnc"],
  ["seven77", "vnc"],
  ["nine-long", "vnc"],
  ["pässwört", "vnc"],
  ["", "vnc"],
  ["seven77", "ssh"],
] as const)("%j as the %s password is refused, and not repeated", (content, which) => {
  const path = file(`${content}\n`);
  const given = { vnc: undefined, ssh: undefined, [which]: path };
  expect(() => readPasswords(given)).toThrow(
    expect.objectContaining({
      code: "PASSWORD_INVALID",
      message: content === "" ? expect.any(String) : expect.not.stringContaining(content),
    }),
  );
});

test("what is no regular file is refused at once, and named", () => {
  const fifo = join(folder, "fifo");
  execFileSync("mkfifo", [fifo]);
  for (const path of [fifo, folder, "/dev/zero"]) {
    expect(() => readPasswords({ vnc: path, ssh: undefined })).toThrow(
      `the password file ${path} cannot be read: it is no regular file`,
    );
  }
});

test("a file that is not there is named", () => {
  expect(() => readPasswords({ vnc: "/nowhere/x", ssh: undefined })).toThrow("/nowhere/x");
});

test("what a desktop made is read line by line; without SFTP there is one", () => {
  expect(parseMade("VNC ab\nSSH cd\n")).toEqual({ vnc: "ab", ssh: "cd" });
  expect(parseMade("VNC ab\n")).toEqual({ vnc: "ab" });
});

test("a password with which a desktop would steer the terminal that shows it is none", () => {
  expect(parseMade("VNC \u001b]0;mine\u0007\nSSH \u009b31mcd\n")).toEqual({});
});
