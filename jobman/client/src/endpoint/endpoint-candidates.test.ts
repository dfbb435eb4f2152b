import { describe, expect, test } from "vitest";
import { type Asker, type Candidate, endpointCandidates } from "./endpoint-candidates.ts";

const anna: Asker = {
  environment: { HOME: "/home/anna" },
  uid: 1000,
  login: async () => "anna",
  listFolders: () => [],
  readText: () => undefined,
};
const root: Asker = { ...anna, uid: 0, login: async () => "root" };

async function candidates(asker: Asker): Promise<readonly Candidate[]> {
  const all: Candidate[] = [];
  for await (const candidate of endpointCandidates(asker)) all.push(candidate);
  return all;
}

async function paths(asker: Asker): Promise<readonly string[]> {
  return (await candidates(asker)).flatMap((candidate) =>
    "endpoint" in candidate && candidate.endpoint.kind === "socket" ? [candidate.endpoint.path] : [],
  );
}

test("a socket that was named is the only one tried", async () => {
  expect(await paths({ ...anna, environment: { JOBMAN_SOCKET: "/x/y.sock" } })).toEqual(["/x/y.sock"]);
});

test("an empty name is no name", async () => {
  expect(await paths({ ...anna, environment: { JOBMAN_SOCKET: "" } })).toContain("/run/jobman/jobman.sock");
});

test("a socket and an address that are both named are taken for neither", async () => {
  const environment = { JOBMAN_SOCKET: "/x/y.sock", JOBMAN_URL: "https://x" };
  expect(await candidates({ ...anna, environment })).toEqual([
    { place: "$JOBMAN_SOCKET and $JOBMAN_URL", reason: expect.stringContaining("unset one") },
  ]);
});

test("an address that was named is the only place tried, with the files that were named", async () => {
  const environment = {
    JOBMAN_URL: "https://jobman.example:8443/queue",
    JOBMAN_TOKEN_FILE: "/t",
    JOBMAN_CA_FILE: "/c",
  };
  expect(await candidates({ ...anna, environment })).toEqual([
    {
      place: "$JOBMAN_URL (https://jobman.example:8443/queue)",
      endpoint: { kind: "url", url: new URL(environment.JOBMAN_URL), tokenFile: "/t", authorityFile: "/c" },
    },
  ]);
});

test.each([
  ["no URL", "jobman", "it is no URL"],
  ["without TLS", "http://127.0.0.1:8080", "does not begin with https://"],
  ["with a password", "https://anna:pass@x", "holds a name or password"],
  ["with a query", "https://x/?token=1", "ends in a query"],
])(
  "an address that is %s is refused, and what may be secret in it is not repeated",
  async (_, url, reason) => {
    const environment = { JOBMAN_URL: url, JOBMAN_TOKEN_FILE: "/t" };
    expect(await candidates({ ...anna, environment })).toEqual([
      { place: "$JOBMAN_URL", reason: expect.stringContaining(reason) },
    ]);
  },
);

test("an address without a token's file is told what is missing", async () => {
  const found = await candidates({ ...anna, environment: { JOBMAN_URL: "https://x" } });
  expect(found).toEqual([
    { place: "$JOBMAN_URL (https://x/)", reason: expect.stringContaining("$JOBMAN_TOKEN_FILE is not set") },
  ]);
});

describe("a desktop's folder", () => {
  const withFiles = (files: Readonly<Record<string, string>>): Asker => ({
    ...anna,
    readText: (path) => files[path],
  });
  const second = async (asker: Asker) => (await candidates(asker))[1];

  test("may hold an address in place of a socket, with token and authorities", async () => {
    const files = { "/run/jobman/url": "https://jobman.example\n", "/run/jobman/ca.crt": "PEM" };
    expect(await second(withFiles(files))).toMatchObject({
      endpoint: {
        url: new URL("https://jobman.example"),
        tokenFile: "/run/jobman/token",
        authorityFile: "/run/jobman/ca.crt",
      },
    });
    expect(await second(withFiles({ "/run/jobman/url": "https://x" }))).not.toHaveProperty(
      "endpoint.authorityFile",
    );
  });

  test("without one is told so", async () => {
    expect(await second(anna)).toEqual({ place: "/run/jobman/url", reason: "there is no such file" });
  });

  test("that cannot be read is told with the reason", async () => {
    const readText = () => {
      throw new Error("EACCES: permission denied");
    };
    expect(await second({ ...anna, readText })).toMatchObject({ reason: expect.stringContaining("EACCES") });
  });
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
