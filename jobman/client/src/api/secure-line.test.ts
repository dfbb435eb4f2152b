import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { routes } from "../protocol/routes.ts";
import { runJobman } from "../run-jobman.ts";
import { type Authority, type Certificate, createAuthority } from "../testing/authority.ts";
import { createWorld } from "../testing/captured-io.ts";
import { logRoute, nextRequest, seen, submitAndWait, watchRoute } from "../testing/followed-job.ts";
import { makeEndedJob, makeJob, makeLine, makeRunningJob } from "../testing/make-job.ts";
import { fault, json, ndjson, output, startScriptedScheduler } from "../testing/scripted-scheduler.ts";
import { createApi } from "./api.ts";

const token = "header.payload.signature";
const jobs = "GET /v1/jobs";
const noJobs = json({ apiVersion: "v1", jobs: [] });

let folder: string;
let tokenFile: string;
let authority: Authority;
let certificate: Certificate;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "jobman-test-"));
  tokenFile = join(folder, "token");
  authority = await createAuthority();
  certificate = await authority.certify("127.0.0.1");
});
beforeEach(() => writeFile(tokenFile, `${token}\n`));
afterAll(async () => {
  await authority[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function environmentFor(port: number, others: Readonly<Record<string, string>> = {}) {
  return {
    JOBMAN_URL: `https://127.0.0.1:${port}`,
    JOBMAN_TOKEN_FILE: tokenFile,
    JOBMAN_CA_FILE: authority.file,
    ...others,
  };
}

/** Runs a command, whatever comes of it without a word of the token. */
async function run(words: readonly string[], environment: Readonly<Record<string, string>>) {
  const world = createWorld(environment);
  const exitCode = await runJobman(words, world.io);
  const stdall = world.stdout() + world.stderr();
  for (const part of token.split(".")) expect(stdall).not.toContain(part);
  return { exitCode, stdout: world.stdout(), stderr: world.stderr() };
}

test("a scheduler at an address is asked with the token, below the address's path", async () => {
  await using scheduler = await startScriptedScheduler(certificate);
  scheduler.on("GET /queue/v1/jobs", noJobs);
  const environment = environmentFor(scheduler.port());
  const listed = await run(["list"], { ...environment, JOBMAN_URL: `${environment.JOBMAN_URL}/queue/` });
  expect(listed).toEqual({ exitCode: 0, stdout: "no jobs\n", stderr: "" });
  expect(scheduler.received[0]?.headers).toMatchObject({
    authorization: `Bearer ${token}`,
    host: `127.0.0.1:${scheduler.port()}`,
  });
});

test("a token that was replaced is the one of the next request", async () => {
  await using scheduler = await startScriptedScheduler(certificate);
  scheduler.on(jobs, noJobs);
  const api = createApi(createWorld(environmentFor(scheduler.port())).io);
  await api.call("GET", routes.jobs);
  await writeFile(tokenFile, "another");
  await api.call("GET", routes.jobs);
  expect(scheduler.received.map(({ headers }) => headers.authorization)).toEqual([
    `Bearer ${token}`,
    "Bearer another",
  ]);
});

test("an authority that is not trusted is told, with the way out, and gets no token", async () => {
  await using scheduler = await startScriptedScheduler(certificate);
  await using stranger = await createAuthority();
  const environment = environmentFor(scheduler.port(), { JOBMAN_CA_FILE: stranger.file });
  const listed = await run(["list"], environment);
  expect(listed.exitCode).toBe(69);
  expect(listed.stderr).toContain(`$JOBMAN_URL (https://127.0.0.1:${scheduler.port()}/): its certificate`);
  expect(listed.stderr).toContain("$JOBMAN_CA_FILE names a file with the right one");
  expect(scheduler.received).toEqual([]);
});

test("without an authority of its own an address needs one that Node trusts", async () => {
  await using scheduler = await startScriptedScheduler(certificate);
  const { JOBMAN_CA_FILE: _, ...environment } = environmentFor(scheduler.port());
  expect((await run(["list"], environment)).stderr).toContain("an authority that is not trusted here");
});

test.each([
  ["has expired", "127.0.0.1", -1, "its certificate has expired"],
  ["is another's", "other.example", 30, "its certificate is for another name"],
])("a certificate that %s is refused with its reason", async (_, name, days, reason) => {
  await using scheduler = await startScriptedScheduler(await authority.certify(name, days));
  const listed = await run(["list"], environmentFor(scheduler.port()));
  expect(listed).toMatchObject({ exitCode: 69, stderr: expect.stringContaining(reason) });
  expect(scheduler.received).toEqual([]);
});

test.each([
  ["empty", "", "holds nothing"],
  ["of two words", "a b", "holds no token"],
  ["of two lines", "a\r\nx-other: b", "holds no token"],
])("a token's file that is %s is named", async (_, content, reason) => {
  await writeFile(tokenFile, content);
  const listed = await run(["list"], environmentFor(1));
  expect(listed.exitCode).toBe(69);
  expect(listed.stderr).toContain(`${tokenFile}, ${reason}`);
});

test.each(["JOBMAN_TOKEN_FILE", "JOBMAN_CA_FILE"])(
  "a file of $%s that is not there is named",
  async (name) => {
    const listed = await run(["list"], environmentFor(1, { [name]: "/nonexistent/file" }));
    expect(listed.exitCode).toBe(69);
    expect(listed.stderr).toContain("/nonexistent/file: there is no such file");
  },
);

test("an address where nobody listens, or nobody has that name, is told with 69", async () => {
  expect(await run(["list"], environmentFor(1))).toMatchObject({
    exitCode: 69,
    stderr: expect.stringContaining("nobody listens there"),
  });
  const nowhere = environmentFor(1, { JOBMAN_URL: "https://jobman.invalid" });
  expect((await run(["list"], nowhere)).stderr).toMatch(/its name is not known|the name service/);
});

test("a replica that goes away before it has the request leaves it to the next one", async () => {
  await using scheduler = await startScriptedScheduler(certificate);
  scheduler.on(jobs, noJobs);
  let connections = 0;
  await using service = createServer((client) => {
    connections += 1;
    if (connections < 3) return void client.destroy();
    const replica = connect(scheduler.port(), "127.0.0.1");
    client
      .pipe(replica)
      .pipe(client)
      .once("finish", () => client.destroySoon());
  });
  await once(service.listen(0, "127.0.0.1"), "listening");
  const listed = await run(["list"], environmentFor((service.address() as AddressInfo).port));
  expect(listed).toEqual({ exitCode: 0, stdout: "no jobs\n", stderr: "" });
  expect(scheduler.received).toHaveLength(1);
});

test("a server without TLS is told so", async () => {
  await using plain = createServer((socket) =>
    socket
      .on("error", () => undefined)
      .resume()
      .end("HTTP/1.1 400 Bad\r\n\r\n"),
  );
  await once(plain.listen(0, "127.0.0.1"), "listening");
  const listed = await run(["list"], environmentFor((plain.address() as AddressInfo).port));
  expect(listed.stderr).toContain("not in TLS as jobman speaks it");
});

test("a server that takes the connection and says nothing is given up after ten seconds", async () => {
  await using silent = createServer();
  await once(silent.listen(0, "127.0.0.1"), "listening");
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const connected = once(silent, "connection");
  const listing = run(["list"], environmentFor((silent.address() as AddressInfo).port));
  const [connection] = await connected;
  vi.advanceTimersByTime(10_000);
  vi.useRealTimers();
  expect((await listing).stderr).toContain("the scheduler does not answer");
  connection.destroy();
});

test.each([
  ["is no good", fault(401, "NOT_AUTHENTICATED", "the token has expired"), "the token has expired"],
  ["does not let its owner in", fault(403, "NOT_ALLOWED", "you are no user"), "you are no user"],
  [
    "is refused by something in between",
    (response: { writeHead(status: number): { end(): void } }) => response.writeHead(401).end(),
    "HTTP 401",
  ],
])("a token that %s ends with 77", async (_, reply, message) => {
  await using scheduler = await startScriptedScheduler(certificate);
  scheduler.on(jobs, reply);
  const listed = await run(["list"], environmentFor(scheduler.port()));
  expect(listed).toMatchObject({ exitCode: 77, stderr: expect.stringContaining(message) });
  expect(listed.stderr.includes(`the token was read from ${tokenFile}`)).toBe(!message.includes("no user"));
});

test("a followed job goes on at the next replica, whatever the ones before it answered", async () => {
  await using scheduler = await startScriptedScheduler(certificate);
  scheduler.on("POST /v1/jobs", json({ apiVersion: "v1", job: makeJob(), warnings: [] }));
  const watching = nextRequest(scheduler, watchRoute);
  const world = createWorld(environmentFor(scheduler.port()));
  const exitCode = runJobman(submitAndWait, world.io);
  (await watching).write(`${JSON.stringify(makeJob({ position: 1 }))}\n`);
  await seen(world, "position 1");
  await scheduler.stop();
  await seen(world, "lost");
  scheduler.on(
    watchRoute,
    json("<html>", 503),
    fault(503, "AUTHENTICATION_UNAVAILABLE", "it cannot be told who you are"),
    ndjson(makeRunningJob(), makeEndedJob()),
  );
  scheduler.on(logRoute, output(makeLine(1)));
  await scheduler.start();
  expect(await exitCode).toBe(0);
  expect(world.stdout()).toBe("line 1\n");
});
