import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type ContainerOptions, runInImage, site } from "@workstation/images/test";

/** A folder with pytest and ruff for the image's Python, or why there is none. */
export type TestPackages = { readonly folder: string } | { readonly missing: string };

const projectFolder = join(import.meta.dirname, "../..");
const lock = join(import.meta.dirname, "../test-requirements.lock.txt");

/** The image whose Python the examples are written for: the one under test, else the site's default for jobs. */
export function exampleImage(): string {
  return process.env.WORKSTATION_IMAGE ?? site.registry.prefix + site.defaults.image;
}

/**
 * Installs the locked test packages with the image's own pip, once for each lock and version of Python: they are
 * kept below `node_modules/.cache`, and are no part of an image.
 */
export async function installTestPackages(image: string): Promise<TestPackages> {
  const version = await pythonVersion(image);
  const hash = createHash("sha256").update(readFileSync(lock)).digest("hex").slice(0, 12);
  const cache = join(projectFolder, "node_modules/.cache/application-examples");
  const folder = join(cache, `${hash}-python${version}`);
  if (existsSync(folder)) return { folder };
  const draft = `${folder}.${randomBytes(4).toString("hex")}`;
  mkdirSync(draft, { recursive: true });
  try {
    const ended = await runInImage(pipArguments, pipOptions(image, draft));
    if (ended.exitCode !== 0) return { missing: `pip could not install: ${lastLine(ended.stderr)}` };
    if (!existsSync(folder)) renameSync(draft, folder);
    return { folder };
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function pythonVersion(image: string): Promise<string> {
  const program = "import sys; print('%d.%d' % sys.version_info[:2])";
  const ended = await runInImage(["-c", program], { image, entrypoint: ["python3"] });
  if (ended.exitCode !== 0)
    throw new Error(`python3 of ${image} ended with ${ended.exitCode}: ${ended.stderr}`);
  return ended.stdout.trim();
}

const pipArguments = [
  ...["-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check"],
  ...["--require-hashes", "--only-binary=:all:", "--target", "/packages", "--requirement", "/run/lock.txt"],
];

/** The machine's own index and authorities, as builds use them; the image names the site's mirror, which is not here. */
function pipOptions(image: string, folder: string): ContainerOptions {
  const { SSL_CERT_FILE: authorities, PIP_INDEX_URL: index } = process.env;
  const packages = { source: folder, target: "/packages", readOnly: false };
  const requirements = { source: lock, target: "/run/lock.txt", readOnly: true };
  return {
    image,
    entrypoint: ["python3"],
    uid: process.getuid?.() ?? site.user.uid,
    network: "bridge",
    binds: [
      packages,
      requirements,
      ...(authorities ? [{ source: authorities, target: "/run/ca.crt", readOnly: true }] : []),
    ],
    environment: {
      PIP_CONFIG_FILE: "/dev/null",
      ...(index ? { PIP_INDEX_URL: index } : {}),
      ...(authorities ? { PIP_CERT: "/run/ca.crt" } : {}),
    },
  };
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
