import { expect, test } from "vitest";
import { expandFamily, image } from "../family/image.ts";
import type { Layer } from "../family/layer.ts";
import { makeLayer } from "../testing/make-layer.ts";
import { withDigests } from "./base-digests.ts";
import { lockJobs } from "./lock-jobs.ts";
import { asConstraints, parseLock, withoutPackages, writeLock } from "./lock-text.ts";

const numpy = "numpy==2.4.6 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n";
const keras = "keras==3.15.1 \\\n    --hash=sha256:cc\n";

test("a lock is read and written back without a change", () => {
  expect(writeLock(parseLock(numpy + keras))).toBe(numpy + keras);
});

test("a child's lock holds only what its parent's does not", () => {
  expect(writeLock(withoutPackages(parseLock(numpy + keras), parseLock(numpy)))).toBe(keras);
});

test("constraints are pins without hashes", () => {
  expect(asConstraints(parseLock(numpy + keras))).toBe("numpy==2.4.6\nkeras==3.15.1\n");
});

test("locks are made for each Python, parents first, with the children's requirements in view", () => {
  const python = makeLayer("python", { python: true, tools: { path: "/opt/tools", commands: [] } });
  const tensorflow = makeLayer("tensorflow", { python: true, variants: ["cpu"] });
  const jobs = lockJobs(expandFamily([image(python), image(python, tensorflow)]), () => true);
  expect(jobs.filter((job) => job.python === "3.10")).toEqual([
    {
      lock: "images/python/locks/3.10.lock.txt",
      python: "3.10",
      requirements: ["images/python/requirements.in", "images/python/requirements-cpu.in"],
      inView: ["images/tensorflow/requirements.in", "images/tensorflow/requirements-cpu.in"],
      below: [],
    },
    {
      lock: "images/python/locks/tools-3.10.lock.txt",
      python: "3.10",
      requirements: ["images/python/tools.in"],
      inView: [],
      below: [],
    },
    {
      lock: "images/tensorflow/locks/python/3.10.lock.txt",
      python: "3.10",
      requirements: ["images/tensorflow/requirements.in", "images/tensorflow/requirements-cpu.in"],
      inView: [],
      below: ["images/python/locks/3.10.lock.txt"],
    },
  ]);
});

const siteText = `# kept
base:
  images: # kept too
    ubuntu-22.04: { reference: "ubuntu:22.04", digest: null } # and this
    debian-12: { reference: "debian:12-slim", digest: null }
`;

test("a digest is filled in, and nothing else of the file changes", () => {
  const digest = `sha256:${"0".repeat(64)}`;
  expect(withDigests(siteText, new Map([["debian-12", digest]]))).toBe(
    siteText.replace('"debian:12-slim", digest: null', `"debian:12-slim", digest: ${digest}`),
  );
});

const cpuAndCuda = { python: true, variants: ["cpu", "cuda"], majors: { cuda: 12 } } as const;

test("a layer on two paths has a lock on each, which agrees with what lies below it there", () => {
  const [python, tensorflow, torch, jupyter] = ["python", "tensorflow", "torch", "jupyter"].map((name) =>
    makeLayer(name, { python: true }),
  ) as [Layer, Layer, Layer, Layer];
  const family = [
    image(python),
    image(python, tensorflow),
    image(python, torch),
    image(python, tensorflow, jupyter),
    image(python, torch, jupyter),
  ];
  const jobs = lockJobs(expandFamily(family), (path) => path.endsWith("requirements.in"));
  const ofJupyter = jobs.filter((job) => job.python === "3.11" && job.lock.includes("/jupyter/"));
  expect(ofJupyter.map(({ lock, below }) => [lock, below])).toEqual(
    ["tensorflow", "torch"].map((name) => [
      `images/jupyter/locks/python-${name}/3.11.lock.txt`,
      ["images/python/locks/3.11.lock.txt", `images/${name}/locks/python/3.11.lock.txt`],
    ]),
  );
  expect(jobs.find((job) => job.lock === "images/python/locks/3.11.lock.txt")?.inView).toEqual(
    ["tensorflow", "torch", "jupyter"].map((name) => `images/${name}/requirements.in`),
  );
});

test("a variant's lock has what only the variant has, agrees with the plain one, and has its children in view", () => {
  const python = makeLayer("python", cpuAndCuda);
  const torch = makeLayer("torch", cpuAndCuda);
  const jobs = lockJobs(expandFamily([image(python), image(python, torch)]), () => true);
  const found = jobs.find((job) => job.lock === "images/python/locks/3.11-cuda.lock.txt");
  expect(found).toMatchObject({
    requirements: ["images/python/requirements-cuda.in"],
    inView: ["images/torch/requirements.in", "images/torch/requirements-cuda.in"],
    below: ["images/python/locks/3.11.lock.txt"],
  });
});

test("what comes from an index of its own is resolved there, and not in view of the locks below", () => {
  const python = makeLayer("python", cpuAndCuda);
  const torch = makeLayer("torch", { ...cpuAndCuda, indexes: { cpu: "https://index.example.org/cpu" } });
  const jobs = lockJobs(expandFamily([image(python), image(python, torch)]), () => true);
  const find = (lock: string) => jobs.find((job) => job.lock === lock);
  expect(find("images/torch/locks/python/3.11.lock.txt")?.index).toBe("https://index.example.org/cpu");
  expect(find("images/torch/locks/python/3.11-cuda.lock.txt")?.index).toBeUndefined();
  const seen = find("images/python/locks/3.11.lock.txt")?.inView;
  expect(seen).toContain("images/torch/requirements.in");
  expect(seen).not.toContain("images/torch/requirements-cpu.in");
});
