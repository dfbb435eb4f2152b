import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { UserError } from "@workstation/cli";
import { describe, expect, test } from "vitest";
import { isWithoutWayOut, withWayOut } from "./way-out.ts";

const obstacle = findObstacle();

function findObstacle(): string | undefined {
  try {
    execFileSync("slirp4netns", ["--version"], { stdio: "ignore" });
    execFileSync("unshare", ["--net", "true"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "slirp4netns and root make namespaces; one of them is missing";
  }
}

describe.skipIf(obstacle !== undefined)(`a way out of a network namespace ${obstacle ?? ""}`, () => {
  test("is there while it is used, and not before or after", async () => {
    const sleeper = spawn("unshare", ["--net", "--", "sh", "-c", "echo ready; sleep 60"]);
    const gone = once(sleeper, "exit");
    await once(sleeper.stdout, "data");
    const namespace = `/proc/${sleeper.pid}/ns/net`;
    const routes = () => execFileSync("nsenter", [`--net=${namespace}`, "ip", "route"], { encoding: "utf8" });
    try {
      expect(routes()).toBe("");
      expect(await withWayOut(namespace, async () => routes())).toContain("default via");
      expect(routes()).toBe("");
    } finally {
      sleeper.kill();
      await gone;
    }
  });

  test("that cannot be made says why", async () => {
    const useless = async () => expect.unreachable();
    const refused: unknown = await withWayOut("/proc/self/ns/nothing", useless).catch((error) => error);
    expect(refused).toMatchObject({ message: expect.stringMatching(/no way out: \S/) });
    expect(isWithoutWayOut(refused)).toBe(true);
  });

  test("is not what is missing where somebody stopped the tests", () => {
    expect(isWithoutWayOut(new UserError("STOPPED", "the tests were stopped"))).toBe(false);
  });
});
