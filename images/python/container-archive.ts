import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip, gzipSync } from "node:zlib";
import { importImage, removeImage, saveImage, tagImage } from "@workstation/docker";
import { connection, paths, pythonInImage, testRun } from "@workstation/images/test";
import { imageLabels } from "@workstation/site";

/** Archives of one small image, as a researcher would upload them to persistent-home. */
export interface ContainerArchives {
  /** Folder of the host that holds them. */
  readonly folder: string;
  readonly remove: () => Promise<void>;
}

/**
 * Makes a small image of dynamically linked programs and saves it three times: `small.tar.gz` as `docker save | gzip`,
 * `plain.tar.gz` as `docker save -o`, which compresses nothing whatever the name says, and `layout.tar.gz` in the OCI
 * layout that Docker 25 and later write.
 */
export async function makeContainerArchives(): Promise<ContainerArchives> {
  const folder = await mkdtemp(join(tmpdir(), "workstation-archives-"));
  await chmod(folder, 0o777);
  const docker = await connection();
  const reference = `${testRun}/small:3.20`;
  const remove = async (): Promise<void> => {
    await removeImage(docker, reference);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await makeRootFileSystem(folder);
    const labels = { [imageLabels.testRun]: testRun };
    const id = await importImage(docker, createReadStream(join(folder, "root.tar")), labels);
    await tagImage(docker, id, reference);
    await pipeline(await saveImage(docker, reference), createWriteStream(join(folder, "plain.tar.gz")));
    await pipeline(
      createReadStream(join(folder, "plain.tar.gz")),
      createGzip(),
      createWriteStream(join(folder, "small.tar.gz")),
    );
    await writeLayout(folder);
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, remove };
}

/** Gathers a few programs of the image itself with the libraries they load: a container that a too old proot cannot run. */
async function makeRootFileSystem(folder: string): Promise<void> {
  const { exitCode, stderr } = await pythonInImage(gatherPrograms, {
    binds: [{ source: folder, target: paths.persistentHome, readOnly: false }],
  });
  if (exitCode !== 0) throw new Error(`the small root file system could not be made: ${stderr}`);
}

const gatherPrograms = `
import io, os, re, subprocess, tarfile
programs = ["/bin/bash", "/bin/ls", "/bin/cat", "/usr/bin/id", "/usr/bin/env", "/usr/bin/touch", "/usr/bin/readlink"]
files = set()
for program in programs:
    loaded = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    files |= {program, *re.findall(r"(/\\S+)", loaded)}
with tarfile.open(os.path.expanduser("~/persistent-home/root.tar"), "w") as tar:
    for path in sorted(files):
        tar.add(os.path.realpath(path), arcname=path.lstrip("/"))
    tar.add("/bin/bash", arcname="bin/sh")
    for name, text in {"etc/passwd": "root:x:0:0::/root:/bin/sh\\n", "etc/group": "root:x:0:\\n"}.items():
        entry = tarfile.TarInfo(name)
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text.encode()))
`;

/** The same image in the OCI image layout 1.0, with the manifest.json that Docker adds to it. */
async function writeLayout(folder: string): Promise<void> {
  const { default: tar } = await import("tar-stream");
  const layer = await readFile(join(folder, "root.tar"));
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: [`sha256:${sha256(layer)}`] },
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: descriptor("application/vnd.oci.image.config.v1+json", config),
    layers: [descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
  });
  const index = {
    schemaVersion: 2,
    manifests: [
      {
        ...descriptor("application/vnd.oci.image.manifest.v1+json", manifest),
        annotations: { "org.opencontainers.image.ref.name": "3.20" },
      },
    ],
  };
  const pack = tar.pack();
  for (const blob of [config, manifest, layer]) pack.entry({ name: blobPath(blob) }, blob);
  pack.entry({ name: "index.json" }, JSON.stringify(index));
  pack.entry(
    { name: "manifest.json" },
    JSON.stringify([{ Config: blobPath(config), RepoTags: ["small:3.20"], Layers: [blobPath(layer)] }]),
  );
  pack.entry({ name: "oci-layout" }, '{"imageLayoutVersion":"1.0.0"}');
  pack.finalize();
  const parts: Buffer[] = [];
  for await (const part of pack) parts.push(part as Buffer);
  await writeFile(join(folder, "layout.tar.gz"), gzipSync(Buffer.concat(parts)));
}

function descriptor(mediaType: string, content: string | Buffer) {
  return { mediaType, digest: `sha256:${sha256(content)}`, size: Buffer.byteLength(content) };
}

function blobPath(content: string | Buffer): string {
  return `blobs/sha256/${sha256(content)}`;
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
