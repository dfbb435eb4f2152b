import { exitCodes, parseImageReference, printImageReference, UserError, usualTag } from "@workstation/cli";
import { $ } from "zx/core";
import { projectFolder } from "../setup/places.ts";
import type { StartContext } from "./context.ts";

/** Builds, tests and tags the image unless it is up to date; its own report is shown. */
export async function buildImage(context: StartContext): Promise<void> {
  const { name: repository, tag = usualTag } = parseImageReference(context.site.defaults.image);
  const name = printImageReference({ name: repository, tag });
  const seen = $({ cwd: projectFolder, stdio: ["ignore", "inherit", "inherit"], nothrow: true });
  const { exitCode } = await seen`node tools/images/bin/images.js build ${name}`;
  if (exitCode !== 0) {
    throw new UserError("IMAGE_NOT_BUILT", `the image ${name} was not built; the cause is above`, {
      exitCode: exitCodes.failure,
    });
  }
}
