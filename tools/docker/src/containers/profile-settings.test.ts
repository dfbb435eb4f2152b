import { join } from "node:path";
import { type ContainerRequest, containerProfile, loadSite } from "@workstation/site";
import { expect, test } from "vitest";
import { containerSettings } from "./profile-settings.ts";
import { createOptions } from "./settings.ts";

const site = loadSite(join(import.meta.dirname, "../../../../site.yaml"));
const places = { state: "/state", run: "/run/ws" };

function made(request: Partial<ContainerRequest> = {}) {
  const profile = containerProfile(site, {
    kind: "desktop",
    size: { cores: 1, burstCores: 2, memoryBytes: 8e9 },
    ...request,
  });
  const settings = containerSettings(profile, { image: "x:1", labels: {}, places });
  return { profile, settings, options: createOptions(settings) };
}

test("what the profile says of security is what the engine is told", () => {
  const { profile, options } = made();
  const host = options.HostConfig;
  expect(host?.CapDrop).toEqual(profile.security.capabilities.drop);
  expect(host?.CapAdd ?? []).toEqual(profile.security.capabilities.add);
  expect(host?.ReadonlyRootfs).toBe(profile.security.readOnlyRootFilesystem);
  expect(host?.Privileged).toBe(profile.security.privileged);
  expect(host?.SecurityOpt).toContain("no-new-privileges");
  expect(host?.SecurityOpt?.[1]).toMatch(/^seccomp=\{/);
  expect(options.User).toBe("1000:1000");
});

test("without a connection there is no network", () => {
  expect(made().options.HostConfig?.NetworkMode).toBe("none");
});

test("a desktop may burst, and shares by what its flavor promises", () => {
  expect(made().options.HostConfig).toMatchObject({ NanoCpus: 2e9, CpuShares: 1024, Memory: 8e9 });
});

test("folders on disk begin as the image has them, those in memory have their size and their writer", () => {
  const { settings } = made({ home: "memory", ids: { uid: 20_001, gid: 20_002 } });
  expect(settings.scratch).toEqual(["/tmp", "/var/tmp"]);
  expect(settings.memoryFolders).toEqual([
    { target: "/home/chaimeleon", options: "exec,mode=0700,uid=20001,gid=20002" },
    { target: "/run/workstation", options: "mode=1777,size=16777216" },
  ]);
});

test("volumes lie where the machine keeps them, the socket by its folder", () => {
  expect(made({ owner: "ana" }).settings.binds).toEqual([
    {
      source: "/state/users/ana/persistent-home",
      target: "/home/chaimeleon/persistent-home",
      readOnly: false,
    },
    {
      source: "/state/persistent-shared-folder",
      target: "/home/chaimeleon/persistent-shared-folder",
      readOnly: false,
    },
    { source: "/run/ws/users/ana", target: "/run/jobman", readOnly: true },
  ]);
});
