import type { Layer } from "../../family/layer.ts";
import { contextFolders } from "../context-entries.ts";
import { indented, mountPoints, runStep, type Step } from "./step.ts";

const uvCache = `type=cache,id=uv,target=${mountPoints.cache}`;
const borrowedUv = `type=bind,from=installer,source=/opt/uv/bin,target=${mountPoints.borrowed}`;

/** A stage that holds uv, which installs, for the lowest image: those above take the uv that they find. */
export function installerStage(): Step {
  const install = runStep("installer", {
    inputs: contextFolders.installer,
    commands: [
      "python3 -m pip install -q --no-cache-dir --no-deps --require-hashes --target /opt/uv -r /srv/uv.lock.txt",
    ],
  });
  return { lines: ["FROM packages AS installer", ...install.lines], copies: install.copies };
}

/** The layer's own Python programs, in an environment that neither the stack nor a user's packages can break. */
export function toolsStep(layer: Layer, uvIsBorrowed: boolean): Step {
  const { path, commands } = layer.tools ?? { path: "/opt/tools", commands: [] };
  const uv = uvIsBorrowed ? `${mountPoints.borrowed}/uv` : "uv";
  return runStep("tools", {
    inputs: contextFolders.tools,
    mounts: uvIsBorrowed ? [uvCache, borrowedUv] : [uvCache],
    commands: [
      `${uv} venv -q --python /usr/bin/python3 ${path}`,
      `${uv} pip install -q --python ${path}/bin/python --no-deps --require-hashes -r /srv/tools.lock.txt`,
      `tidy_python ${path}/lib`,
      `link_commands ${path}/bin ${commands.join(" ")}`,
    ],
  });
}

/** The layer's libraries, in the system's site-packages. */
export function requirementsStep(
  layer: Layer,
  { uvIsBorrowed, index }: { readonly uvIsBorrowed: boolean; readonly index: string | undefined },
): Step {
  const unused = layer.unusedPackages ?? [];
  const from = index === undefined ? "" : `--index ${index} --index-strategy unsafe-best-match `;
  const uv = uvIsBorrowed ? `${mountPoints.borrowed}/uv` : "uv";
  return runStep("python", {
    inputs: contextFolders.python,
    mounts: uvIsBorrowed ? [uvCache, borrowedUv] : [uvCache],
    commands: [
      `${uv} pip install -q --system --no-deps --require-hashes ${from}-r /srv/requirements.lock.txt`,
      ...(unused.length === 0 ? [] : [`drop_packages "$(site_packages)"${indented(unused)}`]),
      'tidy_python "$(site_packages)"',
    ],
  });
}
