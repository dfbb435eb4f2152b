import { connectDocker, type DockerConnection } from "@workstation/docker";
import { afterEach, beforeAll, expect, test } from "vitest";
import { makeProject, type TestProject } from "../testing/project.ts";
import { makeSmallFamily } from "../testing/small-family.ts";
import { readLocalState } from "../workspace/local-state.ts";
import { ensureBase, findBase } from "./choose-base.ts";

let docker: DockerConnection;
let project: TestProject | undefined;

beforeAll(async () => {
  docker = await connectDocker();
});

afterEach(() => project?.remove(docker));

/** A site that wants Ubuntu from a registry that does not exist. */
function workspaceWithoutRegistry(made: TestProject = makeProject("export const family = [];")) {
  project = made;
  const workspace = project.workspace();
  const images = {
    ...workspace.site.base.images,
    "ubuntu-22.04": { reference: "registry.invalid/ubuntu:22.04", digest: null },
  };
  const base = { ...workspace.site.base, distribution: "ubuntu-22.04" as const, images };
  return { ...workspace, site: { ...workspace.site, base } };
}

test("where the site's base cannot be had, Debian 12 is used, which is said, and remembered", async () => {
  const workspace = workspaceWithoutRegistry();
  expect(await ensureBase(docker, workspace)).toMatchObject({
    distribution: "debian-12",
    reference: "workstation-base:debian-12",
  });
  expect(workspace.said()).toMatch(
    /warning: the base registry\.invalid\/ubuntu:22\.04 cannot be had here .*debian-12/,
  );
  expect(readLocalState(workspace.local).base).toMatchObject({ distribution: "debian-12" });
  expect(await findBase(docker, workspace)).toMatchObject({ distribution: "debian-12" });
});

test("the next run asks no registry", async () => {
  const workspace = workspaceWithoutRegistry();
  await ensureBase(docker, workspace);
  const before = workspace.said();
  await ensureBase(docker, workspace);
  expect(workspace.said()).toBe(before);
});

test("a fresh clone takes the base that the images of its engine stand on, and asks no registry", async () => {
  const workspace = workspaceWithoutRegistry(makeSmallFamily());
  expect(await findBase(docker, workspace)).toMatchObject({ distribution: "ubuntu-22.04" });
  await project?.images("build", "--no-test", "ubuntu-a");
  expect(readLocalState(workspace.local)).toEqual({});
  expect(await findBase(docker, workspace)).toMatchObject({
    distribution: "debian-12",
    reference: "workstation-base:debian-12",
  });
  await ensureBase(docker, workspace);
  expect(workspace.said()).toBe("");
});
