import { createPrivateKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Ask, controlPlaneObstacle } from "@workstation/cluster";
import { useControlPlane } from "@workstation/cluster/testing";
import { decodeJwt, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { spawnAndWait } from "../../../testing/spawn-and-wait.ts";
import { until } from "../../../testing/until.ts";
import { type AccessFixture, startAccessFixture } from "../testing/access-fixture.ts";
import { reviewsThrough } from "./token-review.ts";

const obstacle = controlPlaneObstacle();

describe.skipIf(obstacle !== undefined)(`who is asking, on a real API server ${obstacle ?? ""}`, () => {
  const controlPlane = useControlPlane({ controllerManager: false });
  let scheduler: AccessFixture;
  let anna: string;
  let askAsScheduler: Ask;

  beforeAll(async () => {
    for (const namespace of ["user-anna", "user-ben", "user-zoe"]) await makeAccount(namespace, "default");
    askAsScheduler = await accountThatMayReview();
    const review = reviewsThrough(async (body) => {
      const answer = await askAsScheduler({ path: reviews, method: "POST", body });
      if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
      return answer.json();
    });
    scheduler = await startAccessFixture({ review });
    anna = await tokenOf("user-anna", "default");
  });
  afterAll(() => scheduler?.[Symbol.asyncDispose]());

  const inAnnas = "/api/v1/namespaces/user-anna";
  const reviews = "/apis/authentication.k8s.io/v1/tokenreviews";

  async function make(path: string, body: object): Promise<void> {
    const answer = await controlPlane().ask({ path, method: "POST", body });
    expect([201, 409]).toContain(answer.status);
  }

  async function makeAccount(namespace: string, name: string): Promise<void> {
    await make("/api/v1/namespaces", { metadata: { name: namespace } });
    await make(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } });
  }

  /** As the chart gives it: the right to have tokens reviewed, and no other. */
  async function accountThatMayReview(): Promise<Ask> {
    const rules = [{ apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"] }];
    const rbac = "/apis/rbac.authorization.k8s.io/v1";
    await make(`${rbac}/clusterroles`, { metadata: { name: "reviewer" }, rules });
    await make(`${rbac}/clusterrolebindings`, {
      metadata: { name: "reviewer" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "reviewer" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "scheduler" }],
    });
    return controlPlane().askAs({ user: "scheduler" });
  }

  async function tokenOf(namespace: string, account: string, wanted: object = {}): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
    const body = { spec: { audiences: ["jobman"], expirationSeconds: 600, ...wanted } };
    return (await controlPlane().ask({ path, method: "POST", body })).json().status.token;
  }

  /** A token as the API server would make it, with other claims; `isGenuine`: signed with its own key. */
  async function signed(claims: object, isGenuine: boolean): Promise<string> {
    const key = readFileSync(join(controlPlane().folder, "service-accounts.key"));
    const own = createPrivateKey(key);
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const [header] = anna.split(".");
    const { kid } = JSON.parse(Buffer.from(header ?? "", "base64url").toString());
    return new SignJWT({ ...decodeJwt(anna), ...claims })
      .setProtectedHeader({ alg: "ES256", kid })
      .sign(isGenuine ? own : other);
  }

  function reviewsSoFar(): number {
    const lines = readFileSync(controlPlane().auditLog, "utf8").split("\n");
    return lines.filter((line) => line.includes(`"requestURI":"${reviews}"`)).length;
  }

  test("a desktop's token makes its user, and another's makes the other", async () => {
    const body = { name: "mine", arguments: ["ls"] };
    expect((await scheduler.ask(anna, { method: "POST", body })).status).toBe(201);
    expect((await scheduler.ask(anna)).body.jobs).toMatchObject([{ name: "mine" }]);
    expect((await scheduler.ask(await tokenOf("user-ben", "default"))).body.jobs).toEqual([]);
  });

  test("any account of a user's namespace is that user", async () => {
    await makeAccount("user-anna", "desktop");
    const jobs = await scheduler.ask(await tokenOf("user-anna", "desktop"));
    expect(jobs.body.jobs).toMatchObject([{ name: "mine" }]);
  });

  test("a hundred requests cost the API server one review", async () => {
    const token = await tokenOf("user-anna", "default");
    const before = reviewsSoFar();
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 10 }, () => scheduler.ask(token)));
    }
    expect(reviewsSoFar() - before).toBe(1);
  });

  test("a token for another service is refused, and costs no review", async () => {
    const before = reviewsSoFar();
    for (const audience of ["vault", "https://kubernetes.default.svc.cluster.local"]) {
      const answer = await scheduler.ask(await tokenOf("user-anna", "default", { audiences: [audience] }));
      expect(answer).toMatchObject({ status: 401, body: { code: "NOT_AUTHENTICATED" } });
      expect(answer.body.message).toContain("for another service");
    }
    expect(reviewsSoFar()).toBe(before);
  });

  test("a token for another service that says it is for this one is refused by the API server", async () => {
    const vault = (await tokenOf("user-anna", "default", { audiences: ["vault"] })).split(".");
    const payload = { ...decodeJwt(vault.join(".")), aud: ["jobman"] };
    vault[1] = Buffer.from(JSON.stringify(payload)).toString("base64url");
    expect((await scheduler.ask(vault.join("."))).status).toBe(401);
  });

  test("an expired token is refused at once, and costs no review", async () => {
    const now = Math.floor(Date.now() / 1000);
    const expired = await signed({ iat: now - 700, nbf: now - 700, exp: now - 1 }, true);
    const before = reviewsSoFar();
    const answer = await scheduler.ask(expired);
    expect(answer).toMatchObject({ status: 401, body: { message: "the token has expired" } });
    expect(reviewsSoFar()).toBe(before);
  });

  test("the very same token that is not expired is let in", async () => {
    expect((await scheduler.ask(await signed({ jti: randomUUID() }, true))).status).toBe(200);
  });

  test("a forged token is refused", async () => {
    const other = await signed({ jti: randomUUID() }, false);
    expect(await scheduler.ask(other)).toMatchObject({ status: 401, body: { code: "NOT_AUTHENTICATED" } });
    expect((await scheduler.ask(`${anna.slice(0, -8)}AAAAAAAA`)).status).toBe(401);
  });

  test("an account of a namespace that is no user's is refused with 403", async () => {
    for (const namespace of ["user-zoe", "kube-system"]) {
      await makeAccount(namespace, "default");
      const answer = await scheduler.ask(await tokenOf(namespace, "default"));
      expect(answer).toMatchObject({ status: 403, body: { code: "NOT_ALLOWED" } });
    }
  });

  test("an account or a desktop that is gone is refused, once what was known of its token is a minute old", async () => {
    await makeAccount("user-anna", "short-lived");
    const gone = ["/serviceaccounts/short-lived", "/pods/desktop"].map((path) => `${inAnnas}${path}`);
    const spec = { serviceAccountName: "default", containers: [{ name: "desktop", image: "desktop" }] };
    await make(`${inAnnas}/pods`, { metadata: { name: "desktop" }, spec });
    const { uid } = (await controlPlane().ask({ path: `${inAnnas}/pods/desktop` })).json().metadata;
    const boundObjectRef = { kind: "Pod", apiVersion: "v1", name: "desktop", uid };
    const long = { expirationSeconds: 86_400 };
    const tokens = [
      await tokenOf("user-anna", "short-lived", long),
      await tokenOf("user-anna", "default", { ...long, boundObjectRef }),
    ];
    for (const token of tokens) expect((await scheduler.ask(token)).status).toBe(200);
    for (const path of gone) {
      expect(
        (await controlPlane().ask({ path: `${path}?gracePeriodSeconds=0`, method: "DELETE" })).status,
      ).toBe(200);
    }
    for (const token of tokens) expect((await scheduler.ask(token)).status).toBe(200);
    // The API server, too, remembers a good token, for ten seconds of its own clock.
    const areRefused = async () => {
      scheduler.world.ahead += 60_000;
      const answers = await Promise.all(tokens.map((token) => scheduler.ask(token)));
      return answers.every(({ status }) => status === 401) || delay(1000).then(() => undefined);
    };
    await until("they are refused", areRefused, 30_000);
    scheduler.world.ahead = 0;
  });

  test("the token of a desktop opens nothing at the API server itself", async () => {
    for (const path of [
      "/api/v1/namespaces/user-anna/pods",
      "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    ]) {
      const ca = controlPlane().certificateAuthority;
      const headers = { authorization: `Bearer ${anna}` };
      const asked = request(new URL(path, controlPlane().url), { ca, headers, agent: false });
      const [answer] = await once(asked.end(), "response");
      answer.resume();
      expect(answer.statusCode).toBe(401);
    }
  });

  test("a scheduler that may not have tokens reviewed says that it cannot tell, and the operator why", async () => {
    const rightful = askAsScheduler;
    askAsScheduler = await controlPlane().askAs({ user: "nobody" });
    expect((await scheduler.ask(await tokenOf("user-ben", "default"))).status).toBe(503);
    askAsScheduler = rightful;
    expect(scheduler.log.join("")).toContain("cannot create resource");
  });

  test("while the API server is away, known tokens are good, and of others it is said that it cannot be told", async () => {
    const [known, unknown] = [await tokenOf("user-anna", "default"), await tokenOf("user-anna", "default")];
    expect((await scheduler.ask(known)).status).toBe(200);
    await controlPlane().process("kube-apiserver").kill();
    expect((await scheduler.ask(known)).status).toBe(200);
    const answer = await scheduler.ask(unknown);
    expect(answer).toMatchObject({ status: 503, body: { code: "AUTHENTICATION_UNAVAILABLE" } });
    await controlPlane().process("kube-apiserver").start();
    expect((await scheduler.ask(unknown)).status).toBe(200);
  });

  test("jobman in a desktop finds its way with what lies in the pod", async () => {
    const folder = await mkdtemp(join(tmpdir(), "jobman-desktop-"));
    const entry = fileURLToPath(new URL("../../../../../client/bin/jobman.js", import.meta.url));
    const list = async (token: string) => {
      await writeFile(join(folder, "token"), token);
      const environment = [
        `JOBMAN_URL=https://127.0.0.1:${scheduler.ports.users}`,
        `JOBMAN_TOKEN_FILE=${join(folder, "token")}`,
        `JOBMAN_CA_FILE=${scheduler.authority.file}`,
      ];
      return spawnAndWait("env", [...environment, process.execPath, "--", entry, "list", "-o", "name"]);
    };
    expect(await list(anna)).toMatchObject({ code: 0, stdout: "mine\n" });
    expect(await list(await tokenOf("user-anna", "default", { audiences: ["vault"] }))).toMatchObject({
      code: 77,
      stderr: expect.stringContaining(`the token was read from ${join(folder, "token")}`),
    });
    await rm(folder, { recursive: true });
  });

  test("no line of the log holds a part of a token", async () => {
    const log = scheduler.log.join("");
    expect(log).toContain("refused");
    expect(log).not.toMatch(/eyJ[\w-]{20}/);
    for (const part of anna.split(".").slice(1)) expect(log).not.toContain(part.slice(0, 40));
  });
});
