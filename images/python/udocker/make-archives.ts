import { createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { importImage, removeImage, saveImage, tagImage } from "@workstation/docker";
import { connection, paths, runInImage, testRun } from "@workstation/images/test";
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
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, remove };
}

/** The programs of the image itself make the file system, so that nothing else is needed. */
async function makeRootFileSystem(folder: string): Promise<void> {
  const script = "/opt/udocker-test";
  const { exitCode, stderr } = await runInImage(["python3", `${script}/make_root.py`, paths.persistentHome], {
    binds: [
      { source: folder, target: paths.persistentHome, readOnly: false },
      { source: import.meta.dirname, target: script, readOnly: true },
    ],
  });
  if (exitCode !== 0) throw new Error(`the small root file system could not be made: ${stderr}`);
}
