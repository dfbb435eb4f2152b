import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReporter } from "@workstation/cli";
import { isOnPath } from "@workstation/programs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { controlPlaneObstacle, findControlPlanePrograms, obtainControlPlanePrograms } from "./programs.ts";

describe.skipIf(!isOnPath("openssl"))("the programs of a control plane (needs openssl)", () => {
  let folder: string;
  const assets = () => join(folder, "assets");
  const put = (...names: readonly string[]) => {
    for (const name of names) writeFileSync(join(assets(), name), "");
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "workstation-programs-"));
    mkdirSync(assets());
    vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
    vi.stubEnv("KUBEBUILDER_ASSETS", assets());
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  test("are those that envtest's variable names", () => {
    put("etcd", "kube-apiserver", "kube-controller-manager");
    expect(controlPlaneObstacle()).toBeUndefined();
    expect(findControlPlanePrograms().etcd).toBe(join(assets(), "etcd"));
  });

  test("that are not there are named, with the way to them", () => {
    put("etcd", "kube-apiserver");
    expect(controlPlaneObstacle()).toMatch(/^kube-controller-manager is not here: npm test/);
    expect(findControlPlanePrograms).toThrow(/kube-controller-manager is not here/);
  });

  test("cannot be had without Go where nobody has them for download", async () => {
    put("etcd");
    const programs = join(folder, "programs");
    mkdirSync(programs);
    writeFileSync(join(programs, "openssl"), "");
    vi.stubEnv("PATH", programs);
    const place = { reporter: createReporter({ write: () => true }), log: join(folder, "log") };
    const nowhere = { index: "http://127.0.0.1:1/index", releases: "http://127.0.0.1:1" };
    await expect(obtainControlPlanePrograms(place, nowhere)).rejects.toMatchObject({
      code: "KUBERNETES_MISSING",
      message: expect.stringContaining("Go is not on PATH"),
      hint: expect.stringContaining("KUBEBUILDER_ASSETS"),
    });
  });
});
