import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect as connectPlain, type Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../../testing/until.ts";
import {
  type AccessFixture,
  askPlainly,
  startAccessFixture,
  writeCertificate,
} from "../testing/access-fixture.ts";
import { scriptReview } from "../testing/scripted-review.ts";

const anna = "user-anna.good";
const ben = "user-ben.good";

const script = scriptReview();
let scheduler: AccessFixture;
let addresses = 0;
beforeAll(async () => {
  scheduler = await startAccessFixture({ review: script.review, renewEveryMs: 50 });
});
afterAll(() => scheduler[Symbol.asyncDispose]());

/** An address of its own for a test, whose allowances are whole. */
function newAddress(): string {
  addresses += 1;
  return `127.0.2.${addresses}`;
}

describe("connections", () => {
  const opened: Socket[] = [];
  afterAll(() => {
    for (const socket of opened) socket.destroy();
  });

  async function open(from: string): Promise<TLSSocket> {
    const ca = await readFile(scheduler.authority.file);
    const where = { host: "127.0.0.1", port: scheduler.ports.users, localAddress: from, ca };
    const connection = connect(where as object);
    opened.push(connection);
    await Promise.race([once(connection, "secureConnect"), once(connection, "close")]);
    return connection;
  }
  const get = (token: string) => `GET /v1/jobs HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\n\r\n`;

  test("of strangers take no more than 64 of an address, and nothing of those who are known", async () => {
    const from = newAddress();
    const strangers = await Promise.all(Array.from({ length: 64 }, () => open(from)));
    expect(strangers.every((each) => !each.destroyed)).toBe(true);
    expect((await open(from).catch(() => ({ destroyed: true }))).destroyed).toBe(true);
    const [first] = strangers;
    first?.write(get(anna));
    await once(first ?? connectPlain(1), "data");
    // It counts to its user now: there is room for one more.
    expect((await open(from)).destroyed).toBe(false);
    expect((await scheduler.ask(ben, { from: newAddress() })).status).toBe(200);
  });

  test("that bring a request before the one before it was answered end with a word", async () => {
    const connection = await open(newAddress());
    let answers = "";
    connection.on("data", (chunk) => {
      answers += chunk;
    });
    connection.write(get(anna) + get(anna) + get(ben));
    await once(connection, "close");
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 429"]);
  });

  test("that bring many tokens at once have one of them looked at", async () => {
    const connection = await open(newAddress());
    connection.resume();
    script.asked = [];
    connection.write(Array.from({ length: 20 }, (_, each) => get(`bad.${each}`)).join(""));
    await once(connection, "close");
    expect(script.asked).toEqual(["bad.0"]);
  });

  test("of a server in between serve several users, each with the own jobs", async () => {
    await scheduler.ask(anna, { method: "POST", body: { name: "mine", arguments: ["ls"] } });
    const connection = await open(newAddress());
    const answer = async (token: string) => {
      connection.write(get(token));
      return String((await once(connection, "data"))[0]);
    };
    const [first, second, third] = [await answer(anna), await answer(ben), await answer(anna)];
    expect([first.includes("mine"), second.includes("mine"), third.includes("mine")]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("without TLS, and with an old one, are not answered", async () => {
    const plain = connectPlain(scheduler.ports.users, "127.0.0.1");
    plain.write(get(anna));
    plain.resume();
    await once(plain, "close");
    expect(plain.bytesRead).toBeLessThan(10);
    const ca = await readFile(scheduler.authority.file);
    const old = {
      ca,
      maxVersion: "TLSv1.1" as const,
      minVersion: "TLSv1" as const,
      ciphers: "ALL@SECLEVEL=0",
    };
    const [error] = await once(connect({ host: "127.0.0.1", port: scheduler.ports.users, ...old }), "error");
    expect(String(error)).toMatch(/protocol version|unsupported protocol|no protocols/);
  });
});

describe("the certificate", () => {
  const shown = async (): Promise<string> => {
    const ca = await readFile(scheduler.authority.file);
    const connection = connect({ host: "127.0.0.1", port: scheduler.ports.users, ca });
    await once(connection, "secureConnect");
    const { serialNumber } = connection.getPeerCertificate();
    connection.destroy();
    return serialNumber;
  };
  const problems = async () =>
    (await askPlainly(scheduler.ports.operator, { path: "/v1/status" })).body.problems;

  test("that was renewed is shown from the next connection on", async () => {
    const before = await shown();
    await writeCertificate(scheduler.tlsFolder, await scheduler.authority.certify("127.0.0.1"));
    await until("the new one is shown", async () => (await shown()) !== before);
    expect((await scheduler.ask(anna)).status).toBe(200);
  });

  test("that is broken is told to the operator, and the one before it goes on", async () => {
    const before = await shown();
    const { key } = await scheduler.authority.certify("127.0.0.1");
    const { cert } = await scheduler.authority.certify("127.0.0.1");
    await writeCertificate(scheduler.tlsFolder, { cert, key });
    await until("it is told", async () => String(await problems()).includes("cannot be used"));
    expect(await shown()).toBe(before);
  });

  test("that expires soon is told to the operator", async () => {
    await writeCertificate(scheduler.tlsFolder, await scheduler.authority.certify("127.0.0.1", 3));
    await until("it is told", async () => String(await problems()).includes("is good until"));
    await writeCertificate(scheduler.tlsFolder, await scheduler.authority.certify("127.0.0.1"));
    await until("it is mended", async () => String(await problems()) === "");
  });
});

describe("the operator's port", () => {
  test("answers who reaches the pod's own loopback", async () => {
    const status = await askPlainly(scheduler.ports.operator, { path: "/v1/status" });
    expect(status).toMatchObject({
      status: 200,
      body: { users: [{ name: "anna" }, { name: "ben" }] },
    });
  });

  test.each([
    ["a page's origin", { origin: "https://evil.example" }],
    ["a browser's word", { "sec-fetch-site": "cross-site" }],
    ["a name that was made to lead there", { host: "evil.example:8081" }],
  ])("refuses what comes with %s", async (_, headers) => {
    const asking = { path: "/v1/stop", method: "POST", headers };
    expect((await askPlainly(scheduler.ports.operator, asking)).status).toBe(403);
  });
});

describe("the port of probes", () => {
  const probe = (path: string) => askPlainly(scheduler.ports.probes, { path });

  test("says whether it lives and whether it can serve", async () => {
    expect(await probe("/healthz")).toMatchObject({ status: 200, body: "ok\n" });
    expect(await probe("/readyz")).toMatchObject({ status: 200 });
  });

  test("has counts, and nothing of users", async () => {
    await scheduler.ask(undefined);
    const metrics = await probe("/metrics");
    expect(metrics.body).toContain("jobman_jobs{");
    expect(metrics.body).toContain('jobman_refused_requests_total{reason="missing"} 1\n');
    expect(metrics.body).not.toMatch(/anna|ben|mine/);
    for (const path of ["/v1/status", "/v1/jobs", "/metrics/../v1/status"]) {
      expect((await probe(path)).status).toBe(404);
    }
  });
});
