import { UserError } from "@workstation/cli";
import { describe, expect, test, vi } from "vitest";
import { type GoPrograms, goProgramsFolder, obtainGoPrograms, stagedModules } from "./go-programs.ts";

const programs = (version: string): GoPrograms => ({
  name: "nothing",
  modules: [{ module: "example.org/nothing", version, packages: [""], flags: [], minutes: 1 }],
  fault: (reason) => new UserError("NOT_BUILT", reason),
});

describe("programs built from Go modules", () => {
  test("have a folder of their own for each set of versions", () => {
    const [one, same, other] = ["v1.0.0", "v1.0.0", "v1.0.1"].map((each) => goProgramsFolder(programs(each)));
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  test("are refused in the words of who needs them where there is no Go", async () => {
    vi.stubEnv("PATH", "/nowhere");
    const reporter = { step: expect.unreachable, info() {}, warn() {}, progress() {} };
    await expect(obtainGoPrograms(programs("v1.0.0"), { reporter, log: "/nowhere" })).rejects.toThrow(
      "Go is not on PATH",
    );
    vi.unstubAllEnvs();
  });

  test("take what is developed in folders of the module from where it is published", () => {
    const goMod = [
      "require k8s.io/api v0.0.0",
      "replace (",
      "\tk8s.io/api => ./staging/src/k8s.io/api",
      "\texample.org/fork => example.org/other v1.2.3",
      ")",
      "replace k8s.io/cri-api => ./staging/src/k8s.io/cri-api",
    ].join("\n");
    expect(stagedModules(goMod)).toEqual(["k8s.io/api", "k8s.io/cri-api"]);
  });
});
