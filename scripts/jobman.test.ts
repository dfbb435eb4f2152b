import { join } from "node:path";
import { expect, test } from "vitest";
import { $ } from "zx/core";
import { jobmanEnvironment } from "./jobman.ts";

const siteUser = () => "chaimeleon";

test("root speaks for the site's user", () => {
  expect(jobmanEnvironment(0, { A: "1", JOBMAN_USER: "" }, siteUser)).toEqual({
    A: "1",
    JOBMAN_USER: "chaimeleon",
  });
});

test.each([
  ["root who names a user", 0, { JOBMAN_USER: "ben" }],
  ["root who names a socket", 0, { JOBMAN_SOCKET: "/x.sock" }],
  ["root who names an address", 0, { JOBMAN_URL: "https://x" }],
  ["an ordinary account", 1000, {}],
])("%s is taken at the word", (_, uid, environment) => {
  expect(jobmanEnvironment(uid, environment, siteUser)).toEqual(environment);
});

test("the command gets its words and the named user's socket is tried", async () => {
  const entry = join(import.meta.dirname, "jobman.ts");
  const env = { ...process.env, JOBMAN_USER: "nobody-of-this-name", JOBMAN_SOCKET: "" };
  const { exitCode, stderr } = await $({ env, nothrow: true, quiet: true })`node ${entry} list -q`;
  expect([exitCode, stderr]).toEqual([
    69,
    expect.stringContaining("/run/workstation/users/nobody-of-this-name/jobman.sock: "),
  ]);
});
