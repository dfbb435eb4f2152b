import { expect, test } from "vitest";
import { type Asker, type Candidate, socketCandidates } from "./socket-candidates.ts";

const anna: Asker = {
  environment: { HOME: "/home/anna" },
  uid: 1000,
  login: async () => "anna",
  listFolders: () => [],
};
const root: Asker = { ...anna, uid: 0, login: async () => "root" };

async function candidates(asker: Asker): Promise<readonly Candidate[]> {
  const all: Candidate[] = [];
  for await (const candidate of socketCandidates(asker)) all.push(candidate);
  return all;
}

async function paths(asker: Asker): Promise<readonly (string | undefined)[]> {
  return (await candidates(asker)).map((candidate) => ("path" in candidate ? candidate.path : undefined));
}

test("a socket that was named is the only one tried", async () => {
  expect(await paths({ ...anna, environment: { JOBMAN_SOCKET: "/x/y.sock" } })).toEqual(["/x/y.sock"]);
});

test("an empty name is no name", async () => {
  expect(await paths({ ...anna, environment: { JOBMAN_SOCKET: "" } })).toContain("/run/jobman/jobman.sock");
});

test("a desktop's socket comes first, then the user's own of the system and of the account", async () => {
  expect(await paths(anna)).toEqual([
    "/run/jobman/jobman.sock",
    "/run/workstation/users/anna/jobman.sock",
    "/tmp/workstation-1000/users/anna/jobman.sock",
  ]);
  expect((await paths({ ...anna, environment: { XDG_RUNTIME_DIR: "/run/user/1000" } }))[2]).toBe(
    "/run/user/1000/workstation/users/anna/jobman.sock",
  );
});

test("a user that is named has no other sockets than the own ones on this machine", async () => {
  const environment = { ...anna.environment, JOBMAN_USER: "ben" };
  expect(await paths({ ...anna, environment })).toEqual([
    "/run/workstation/users/ben/jobman.sock",
    "/tmp/workstation-1000/users/ben/jobman.sock",
  ]);
  expect(await paths({ ...root, environment, listFolders: () => ["anna", "ben"] })).toEqual([
    "/run/workstation/users/ben/jobman.sock",
  ]);
});

test("root stands in for the only user of the machine", async () => {
  expect(await paths({ ...root, listFolders: () => ["anna"] })).toEqual([
    "/run/jobman/jobman.sock",
    "/run/workstation/users/root/jobman.sock",
    "/run/workstation/users/anna/jobman.sock",
  ]);
});

test.each([
  [[], "no user is there"],
  [["anna", "ben"], "2 users are there; name one: JOBMAN_USER=anna"],
] as const)("among %j root stands in for nobody, and is told why", async (users, reason) => {
  const last = (await candidates({ ...root, listFolders: () => users })).at(-1);
  expect(last).toMatchObject({ reason: expect.stringContaining(reason) });
});

test("a uid without a name is told so", async () => {
  const reasons = await candidates({ ...anna, login: async () => undefined });
  expect(reasons).toContainEqual({ place: "/run/workstation/users", reason: "uid 1000 has no name" });
});
