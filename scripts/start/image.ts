import type { Reporter } from "@workstation/cli";
import { execa } from "execa";
import { projectFolder } from "../setup/places.ts";
import type { StartContext } from "./context.ts";

/** Builds, tests and tags the image unless it is up to date; its own report is shown. */
export async function buildImage(context: StartContext, _reporter: Reporter): Promise<void> {
  const name = context.site.defaults.image.split(":")[0] ?? context.site.defaults.image;
  await execa("node", ["tools/images/bin/images.js", "build", name], {
    cwd: projectFolder,
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
  });
}
