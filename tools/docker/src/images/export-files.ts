import type { Readable } from "node:stream";
import type { DockerConnection } from "../connect.ts";
import { askSoon } from "../containers/docker-fault.ts";

/**
 * Gives `read` the whole file system of an image as a tar archive, in the form a container would see it. Nothing of the
 * image is run; the container that this needs is never started, carries `labels`, and is removed.
 */
export async function readFileSystem<T>(
  docker: DockerConnection,
  image: { readonly reference: string; readonly labels: Readonly<Record<string, string>> },
  read: (archive: Readable) => Promise<T>,
): Promise<T> {
  const { id } = await askSoon(docker, (soon) =>
    soon.createContainer({
      Image: image.reference,
      Labels: { ...image.labels },
      Entrypoint: ["/never-started"],
      Cmd: [],
      NetworkDisabled: true,
    }),
  );
  try {
    const archive = await askSoon(docker, (soon) => soon.getContainer(id).export());
    return await read(archive as unknown as Readable);
  } finally {
    await askSoon(docker, (soon) => soon.getContainer(id).remove({ force: true, v: true }));
  }
}
