export { desktopPorts } from "./desktop-ports.ts";
export {
  clusterAnnotations,
  clusterLabels,
  containerLabels,
  contentTagStart,
  imageLabels,
  passedTestsTag,
  reservedLabelPrefix,
} from "./labels.ts";
export { loadSite, parseSite } from "./load.ts";
export { type Mount, mountsOf, type VolumePlaces } from "./mounts.ts";
export {
  datasetIdPattern,
  flavorNamePattern,
  jobNamePattern,
  splitDatasetList,
  userNamePattern,
} from "./names.ts";
export {
  adminSocket,
  cacheFolder,
  type Places,
  placesFor,
  stateFolders,
  userFolder,
  userSocket,
  usualUser,
} from "./places.ts";
export { containerProfile } from "./profile/container-profile.ts";
export type { ContainerProfile, WritableFolder } from "./profile/profile.ts";
export type { ContainerRequest } from "./profile/request.ts";
export { type Distribution, distributions, type Site, type SiteFlavor, siteSchema } from "./schema.ts";
export { slotSize } from "./slot-size.ts";
export { containerPaths, type Volume, volumesFor } from "./volumes.ts";
