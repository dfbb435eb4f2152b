import { join } from "node:path";
import { loadSite } from "@workstation/site";
import { expect, test } from "vitest";
import { desktopConfigFiles } from "./files.ts";

const site = loadSite(join(import.meta.dirname, "../site.yaml"));

test("a desktop takes things in and gives nothing out, unless the site says otherwise", () => {
  expect(desktopConfigFiles(site)).toEqual([
    {
      path: "/etc/workstation/desktop.conf",
      mode: 0o644,
      content: "CLIPBOARD_IN=yes\nCLIPBOARD_OUT=no\nFILES_UPLOAD=yes\nFILES_DOWNLOAD=no\n",
    },
  ]);
});

test("each direction is its own", () => {
  const desktop = { clipboard: { in: false, out: true }, files: { upload: false, download: true } };
  expect(desktopConfigFiles({ desktop })[0]?.content).toBe(
    "CLIPBOARD_IN=no\nCLIPBOARD_OUT=yes\nFILES_UPLOAD=no\nFILES_DOWNLOAD=yes\n",
  );
});
