import {
  type DockerConnection,
  listContainers,
  listImages,
  listNetworks,
  removeContainer,
  removeImage,
  removeNetwork,
  stopContainer,
} from "@workstation/docker";
import { imageLabels } from "@workstation/site";

/** Removes what a test run that was stopped could not remove itself: every object that carries its name, and no other. */
export async function sweepTestRun(docker: DockerConnection, run: string): Promise<void> {
  const label = `${imageLabels.testRun}=${run}`;
  for (const { id } of await listContainers(docker, label)) {
    await stopContainer(docker, id, 0);
    await removeContainer(docker, id);
  }
  for (const network of await listNetworks(docker)) {
    if (network.labels[imageLabels.testRun] === run) await removeNetwork(docker, network.id);
  }
  for (const { tags } of await listImages(docker, label)) {
    for (const tag of tags) await removeImage(docker, tag);
  }
}
