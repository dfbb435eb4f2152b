import { parseSite } from "@workstation/site";
import { expect, test } from "vitest";
import { flavorsOn } from "../platforms/docker/machine/flavors.ts";
import { makeSpec } from "../platforms/testing/job-spec.ts";
import { siteText } from "../testing/site-text.ts";
import { requestFor } from "./request-for.ts";

const machine = {
  cores: 8,
  memoryBytes: 1e12,
  gpus: [{ id: "GPU-1", model: "NVIDIA A30", memoryBytes: 6e9 }],
};
const flavors = flavorsOn(machine, parseSite(siteText, "site.yaml"));
const asked = (flavor: string) =>
  requestFor({ flavors: () => flavors }, makeSpec({ image: "any", flavor, cores: 1, memoryBytes: 1e9 }));

test("a request says which kind of GPU its job needs, and names no device", () => {
  const request = asked("small-gpu");
  expect(request.gpu).toEqual({ model: "NVIDIA A30", memoryBytes: 6e9 });
  expect(JSON.stringify(request)).not.toContain("GPU-1");
});

test("a request without GPU says nothing of one", () => {
  expect(asked("no-gpu")).not.toHaveProperty("gpu");
  expect(asked("gone")).not.toHaveProperty("gpu");
});
