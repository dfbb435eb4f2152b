import { afterEach, beforeEach, expect, test } from "vitest";
import { makeProject, type TestProject } from "./testing/project.ts";
import { failureText, Unfinished } from "./verbs/verb.ts";

const family = `
import { defineLayer, image } from "@workstation/images";
export const family = [image(defineLayer({ name: "a", description: "the layer a" }))];
`;

let project: TestProject;
beforeEach(() => {
  project = makeProject(family);
});
afterEach(() => project.remove());

test.each([
  [["generate", "ubuntu-z"], 2, "IMAGE_UNKNOWN"],
  [["lock", "hallo"], 2, "LAYER_UNKNOWN"],
  [["run"], 2, "IMAGE_NEEDED"],
  [["run", "ubuntu-a", "--datasets", "a", "--nobody"], 2, "USER_NEEDED"],
  [["docs", "--site", "no-such.yaml"], 2, "SITE_UNREADABLE"],
  [["list", "--no-such-option"], 2, "USAGE"],
] as const)("%j --json that fails answers a program with one object", async (words, wanted, name) => {
  const { code, stdout, stderr } = await project.images(...words, "--json");
  expect([code, JSON.parse(stdout)]).toEqual([
    wanted,
    { apiVersion: "v1", error: { code: name, message: expect.any(String), hint: expect.any(String) } },
  ]);
  expect(stderr).toContain("error: ");
});

test("a person, and a --json of the program that runs in a container, get none", async () => {
  expect((await project.images("generate", "ubuntu-z")).stdout).toBe("");
  expect((await project.images("run", "ubuntu-z", "--", "jq", "--json")).stdout).toBe("");
});

test("what was done before stands beside the error, and secrets in neither", () => {
  const { cause, answer } = new Unfinished(new Error("password=geheim"), { images: ["a"] });
  expect(JSON.parse(failureText(cause, answer))).toEqual({
    apiVersion: "v1",
    images: ["a"],
    error: { code: "INTERNAL", message: "password=[redacted]", hint: null },
  });
});
