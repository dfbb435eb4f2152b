import { exitCodes, type Reporter, UserError } from "@workstation/cli";
import { type DockerConnection, importImage, tagImage } from "@workstation/docker";
import { type Distribution, imageLabels } from "@workstation/site";
import { execa } from "execa";
import { buildEpoch } from "../recipe/epoch.ts";
import { provideMmdebstrap } from "./provide-mmdebstrap.ts";

/** A base image to be made from an archive of packages. */
export interface BaseRequest {
  readonly distribution: Distribution;
  /** URL of the archive; without it, the distribution's own. */
  readonly mirror?: string;
  readonly signal: AbortSignal;
}

const suites: Readonly<Record<Distribution, string>> = { "debian-12": "bookworm", "ubuntu-22.04": "jammy" };

/** The reference of a base that was made here. */
export function madeBaseReference(distribution: Distribution): string {
  return `workstation-base:${distribution}`;
}

/** What `makeBase` would run, and the reference that it would set. */
export function describeBase(request: BaseRequest) {
  return { reference: madeBaseReference(request.distribution), argv: ["mmdebstrap", ...arguments_(request)] };
}

/**
 * Makes the base with mmdebstrap and imports it; returns its reference. Two runs on the same packages give the same
 * layer. Throws `MMDEBSTRAP_MISSING` or `BASE_FAILED`.
 */
export async function makeBase(
  docker: DockerConnection,
  request: BaseRequest,
  reporter: Reporter,
): Promise<string> {
  const reference = madeBaseReference(request.distribution);
  await provideMmdebstrap(reporter, request.signal);
  await reporter.step(`Make the base image ${reference}`, async (inner) => {
    const making = execa("mmdebstrap", arguments_(request), {
      env: { SOURCE_DATE_EPOCH: String(buildEpoch) },
      encoding: "buffer",
      buffer: { stdout: false, stderr: true },
      cancelSignal: request.signal,
      stdin: "ignore",
    });
    making.stderr.on("data", (chunk: Buffer) => inner.progress(lastLine(chunk)));
    const labels = { [imageLabels.distribution]: request.distribution };
    const importing = importImage(docker, making.stdout, labels);
    importing.catch(() => {});
    await making.catch((error) => Promise.reject(baseFailure(error)));
    await tagImage(docker, await importing, reference);
  });
  return reference;
}

/** mmdebstrap copies the machine's own hostname, hosts and resolv.conf, which must not reach an image. */
function arguments_(request: BaseRequest): readonly string[] {
  const emptied = ["hostname", "hosts", "resolv.conf"].map((file) => `: >"$1/etc/${file}"`).join("; ");
  return [
    "--variant=minbase",
    "--include=ca-certificates",
    "--format=tar",
    '--aptopt=Acquire::Retries "5"',
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    `--customize-hook=${emptied}; rm "$1/etc/apt/apt.conf.d/99mmdebstrap"`,
    suites[request.distribution],
    "-",
    ...(request.mirror === undefined ? [] : [request.mirror]),
  ];
}

function lastLine(chunk: Buffer): string {
  return (
    chunk
      .toString()
      .trim()
      .split(/[\r\n]/)
      .at(-1) ?? ""
  );
}

function baseFailure(error: unknown): unknown {
  const { isCanceled, stderr } = error as { isCanceled?: boolean; stderr?: Buffer };
  if (isCanceled === true) return error;
  const output = Buffer.from(stderr ?? "")
    .toString()
    .trim()
    .split("\n")
    .slice(-20)
    .join("\n");
  return new UserError("BASE_FAILED", `mmdebstrap could not make the base image:\n${output}`, {
    hint: "name an archive that this machine reaches with --mirror",
    exitCode: exitCodes.failure,
    cause: error,
  });
}
