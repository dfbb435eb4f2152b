import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { SiteFacts } from "../recipe/site-facts.ts";
import { makeLayer } from "../testing/make-layer.ts";
import { imageFacts } from "./image-facts.ts";
import { fillReadme, writeImagesPage } from "./images-page.ts";

const facts = { site: { registry: { prefix: "" } }, distribution: "debian-12", version: "1" } as SiteFacts;
const variant = "cpu" as const;
const [a, own, child] = [
  makeLayer("a"),
  makeLayer("own", { python: true, variants: [variant], indexes: { [variant]: "https://example.org/" } }),
  makeLayer("child"),
];
const lowest = {
  name: "ubuntu-a",
  kind: "batch",
  layer: a,
  layers: [a],
  variant,
  parent: undefined,
} as const;
const middle = { ...lowest, name: "ubuntu-a-own", layer: own, layers: [a, own], parent: lowest };
const highest = {
  ...middle,
  name: "ubuntu-a-own-child",
  layer: child,
  layers: [a, own, child],
  parent: middle,
};

function project(files: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), "workstation-documents-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "");
  }
  return root;
}

test("an image that waits for a lock is not offered like the rest, nor is what stands on it", () => {
  const gzipOf = () => 5e6;
  const family = [lowest, middle, highest];
  const waiting = imageFacts(family, facts, { root: project(["images/own/requirements.in"]), gzipOf });
  const readme = "<!-- generated: images -->\n<!-- end -->";
  for (const text of [writeImagesPage(waiting, undefined), fillReadme(readme, waiting, undefined)]) {
    const rows = text.split("\n").filter((line) => /^\| `?ubuntu-a/.test(line));
    const note = expect.stringContaining("not built yet: its lock is missing");
    expect(rows).toEqual([expect.stringContaining("5 MB"), note, note]);
  }
  const locked = project(["images/own/requirements.in", "images/own/locks/a/3.11.lock.txt"]);
  expect(imageFacts(family, facts, { root: locked, gzipOf }).map((each) => each.lacksLock)).toEqual([
    false,
    false,
    false,
  ]);
});
