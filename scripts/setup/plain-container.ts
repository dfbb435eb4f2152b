import type { ContainerSettings } from "@workstation/docker";

/** A small container without network, folders or rights, to be changed where one needs more. */
export function plainContainer(image: string): ContainerSettings {
  return {
    image,
    environment: {},
    labels: {},
    uid: 1000,
    gid: 1000,
    hostname: "workstation",
    workingFolder: "/tmp",
    limits: {
      cores: 1,
      memoryBytes: 2e9,
      sharedMemoryBytes: 64e6,
      pids: 256,
      openFiles: 1024,
      logBytes: 1e6,
    },
    binds: [],
    scratch: [],
    memoryFolders: [{ target: "/tmp", options: "mode=1777,size=256m" }],
    network: "none",
    hostEntries: [],
    gpus: [],
  };
}
