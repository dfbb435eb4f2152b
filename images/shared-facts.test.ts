import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadSite } from "@workstation/site";
import { expect, test } from "vitest";
import { panelHeight } from "../tools/images/src/image-tests/desktop-screen.ts";
import { healthStartSeconds } from "../tools/images/src/recipe/dockerfile.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

test("a desktop calls itself not ready yet for as long as its image's health check lets failures pass", () => {
  const check = read("init-scripts/desktop/workstation-health");
  expect(check).toContain(`\nstart_period=${healthStartSeconds} `);
});

test("tests look for the panel where it is drawn", () => {
  const panel = read(
    "images/desktop/rootfs/usr/local/share/workstation/xdg/lxpanel/workstation/panels/panel",
  );
  expect(panel).toMatch(new RegExp(`\\bheight=${panelHeight}\\n`));
  expect(panel).toContain("edge=bottom\n");
});

test("no page names the user of one site", () => {
  const { user } = loadSite(join(root, "site.yaml"));
  const pages = ["README.md", ...globSync("docs/{guide,operate}/**/*.md", { cwd: root })];
  expect(pages.filter((page) => new RegExp(`\\b${user.name}\\b`).test(read(page)))).toEqual([]);
});
