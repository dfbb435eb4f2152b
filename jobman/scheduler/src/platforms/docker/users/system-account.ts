import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** The ids of an account of the machine. */
export interface SystemAccount {
  readonly uid: number;
  readonly gid: number;
}

/** Looks an account up by name where the machine does (files, LDAP …); `undefined` when there is none. */
export async function findSystemAccount(name: string): Promise<SystemAccount | undefined> {
  return parsePasswd(await passwdLines(name), name);
}

/** The name of the account of the machine that has the number `uid`; `undefined` when none has. */
export async function accountNameOf(uid: number): Promise<string | undefined> {
  const lines = (await passwdLines(String(uid))).split("\n").map((line) => line.split(":"));
  return lines.find((each) => each[2] === String(uid))?.[0];
}

/** The first entry of `name` in lines of passwd(5). */
export function parsePasswd(text: string, name: string): SystemAccount | undefined {
  const fields = text
    .split("\n")
    .map((line) => line.split(":"))
    .find((each) => each[0] === name);
  if (fields?.[2] === undefined || fields[3] === undefined) return undefined;
  return { uid: Number(fields[2]), gid: Number(fields[3]) };
}

async function passwdLines(nameOrUid: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)("getent", ["passwd", "--", nameOrUid], { timeout: 10_000 });
    return stdout;
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code === 2) return "";
    return await readFile("/etc/passwd", "utf8");
  }
}
