import { userInfo } from "node:os";

/** The name of the account that runs this process; undefined for a uid without an entry. */
export function accountName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER;
  }
}
