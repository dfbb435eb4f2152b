import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { type Reporter, shorten } from "@workstation/cli";
import { cacheFolder } from "@workstation/site";
import { x as extract, type ReadEntry } from "tar";
import { parse } from "yaml";
import { kubernetesVersion } from "./versions.ts";

/** Where programs are published. */
export interface DownloadSource {
  /** The index of envtest's archives, which hold the API server and etcd. */
  readonly index: string;
  /** Holds the programs of each release of Kubernetes, each with its SHA-256 beside it. */
  readonly releases: string;
}

export const usualSource: DownloadSource = {
  index: "https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml",
  releases: "https://dl.k8s.io/release",
};

const answerLimitMs = 5000;
const downloadLimitMs = 300_000;

/** Where downloaded programs lie once they are there. */
export function downloadFolder(): string {
  return join(cacheFolder(process.env), `kubernetes-${kubernetesVersion}-download`);
}

/** Downloads a control plane where that works; else it says why not, and does nothing. */
export async function downloadControlPlane(reporter: Reporter, source: DownloadSource): Promise<void> {
  try {
    const release = await newestRelease(source.index);
    const title = `Download the control plane of Kubernetes ${release.version}`;
    await reporter.step(title, () => fetchPrograms(release, source.releases));
  } catch (error) {
    reporter.info(`not downloaded: ${shorten(reasonOf(error), 200)}`);
  }
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}

interface Release {
  readonly version: string;
  readonly archive: { readonly hash: string; readonly selfLink: string };
}

/** Of the minor version that the tests are made for; its patches differ in nothing that they look at. */
async function newestRelease(index: string): Promise<Release> {
  const { releases } = parse((await fetchBytes(index, answerLimitMs)).toString()) as ReleaseIndex;
  const line = kubernetesVersion.replace(/\.\d+$/, ".");
  const [version] = Object.keys(releases)
    .filter((each) => each.startsWith(line) && /^\d+$/.test(each.slice(line.length)))
    .sort((one, other) => Number(other.slice(line.length)) - Number(one.slice(line.length)));
  if (version === undefined) throw new Error(`${index} has no ${line}x`);
  const archive = releases[version]?.[`envtest-${version}-${platform().join("-")}.tar.gz`];
  if (archive === undefined) throw new Error(`${index} has no ${version} for ${platform().join("-")}`);
  return { version, archive };
}

interface ReleaseIndex {
  readonly releases: Readonly<Record<string, Readonly<Record<string, Release["archive"]>>>>;
}

function platform(): readonly [string, string] {
  return [process.platform, process.arch === "x64" ? "amd64" : process.arch];
}

async function fetchPrograms({ version, archive }: Release, releases: string): Promise<void> {
  const folder = downloadFolder();
  mkdirSync(join(folder, ".."), { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  try {
    const packed = await fetchBytes(archive.selfLink, downloadLimitMs);
    insist(packed, "sha512", archive.hash);
    writeFileSync(join(work, "archive.tar.gz"), packed);
    await extract({ file: join(work, "archive.tar.gz"), cwd: work, filter: flatten });
    rmSync(join(work, "archive.tar.gz"));
    const address = `${releases}/${version}/bin/${platform().join("/")}/kube-controller-manager`;
    const program = await fetchBytes(address, downloadLimitMs);
    insist(program, "sha256", (await fetchBytes(`${address}.sha256`, answerLimitMs)).toString().trim());
    writeFileSync(join(work, "kube-controller-manager"), program);
    chmodSync(join(work, "kube-controller-manager"), 0o755);
    if (!existsSync(folder)) renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The programs lie in folders of the archive whose names nobody promises. */
function flatten(path: string, entry: Stats | ReadEntry): boolean {
  if ("path" in entry) entry.path = basename(path);
  return !path.endsWith("/");
}

async function fetchBytes(address: string, limitMs: number): Promise<Buffer> {
  const answer = await fetch(address, { signal: AbortSignal.timeout(limitMs) });
  if (!answer.ok) throw new Error(`${address} answers ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

function insist(bytes: Buffer, algorithm: "sha256" | "sha512", expected: string): void {
  const found = createHash(algorithm).update(bytes).digest("hex");
  if (found !== expected) throw new Error(`a download's ${algorithm} is ${found}, not ${expected}`);
}
