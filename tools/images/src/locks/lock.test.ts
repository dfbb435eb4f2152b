import { expect, test } from "vitest";
import { expandFamily, image } from "../family/image.ts";
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
      lock: "images/tensorflow/locks/3.10-cpu.lock.txt",
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
