export { connectDocker, type DockerConnection, daemonUnavailable, dockerAnswers } from "./connect.ts";
export { attachToContainer } from "./containers/attach-container.ts";
export { type ContainerEvent, daemonTime, subscribeToContainers } from "./containers/container-events.ts";
export { type ContainerLine, type LogRequest, readContainerLog } from "./containers/container-log.ts";
export { createContainer } from "./containers/create-container.ts";
export {
  type DaemonInfo,
  daemonAnswers,
  daemonInfo,
  daemonSocket,
  enginePlatform,
} from "./containers/daemon-info.ts";
export { ask, daemonWords, statusOf } from "./containers/docker-fault.ts";
export { type ExecEnd, execInContainer, isBeyondLimits } from "./containers/exec-container.ts";
export { ensureInboundNetwork, type InboundNetwork } from "./containers/inbound-network.ts";
export {
  type ContainerRow,
  type ContainerState,
  containerEnvironment,
  containerProcesses,
  inspectContainer,
  listContainers,
} from "./containers/inspect-container.ts";
export type { OutputFrame } from "./containers/log-frames.ts";
export {
  createBridgeNetwork,
  createIsolatedNetwork,
  listNetworks,
  type NetworkRow,
  removeNetwork,
  removeUnusedNetwork,
} from "./containers/networks.ts";
export { localOpenFilesCeiling, usualSockets } from "./containers/open-files.ts";
export { containerSettings, type OnEngine } from "./containers/profile-settings.ts";
export { containerAddress, type PublishedPort, publishedPorts } from "./containers/published-ports.ts";
export { putFiles } from "./containers/put-files.ts";
export { type AttachedEnd, runAttached, type Streams } from "./containers/run-attached.ts";
export {
  removeContainer,
  type StartOutcome,
  startContainer,
  stopContainer,
} from "./containers/run-container.ts";
export {
  type ContainerLimits,
  type ContainerSettings,
  environmentOf,
  type FolderMount,
} from "./containers/settings.ts";
export {
  ensureVolume,
  listUnusedVolumes,
  listVolumes,
  removeVolume,
  volumeSizes,
} from "./containers/volumes.ts";
export { waitForContainer } from "./containers/wait-container.ts";
export { BuildFailure } from "./image-builds/build-failure.ts";
export { type BuildRequest, buildImage } from "./image-builds/build-image.ts";
export { type PackedFile, packFiles } from "./image-builds/pack-files.ts";
export type { BuildEvent } from "./image-builds/trace.ts";
export { type EngineDisk, engineDisk } from "./images/engine-disk.ts";
export { readFileSystem } from "./images/export-files.ts";
export {
  type HistoryEntry,
  type ImageDetails,
  type ImageSummary,
  imageHistory,
  imagesInUse,
  inspectImage,
  listImages,
  removeImage,
  saveImage,
  tagImage,
} from "./images/images.ts";
export { importImage, pullImage, registryDigest } from "./images/obtain-image.ts";
