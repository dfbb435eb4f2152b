import { randomBytes } from "node:crypto";
import { type ContainerSettings, createContainer, type DockerConnection } from "@workstation/docker";

/** A small container that a test needs beside the thing that it tests: offline and nobody's, unless said otherwise. Its id. */
export async function makeHelperContainer(
  docker: DockerConnection,
  settings: Pick<ContainerSettings, "image" | "command"> & Partial<ContainerSettings>,
): Promise<string> {
  const id = await createContainer(docker, `test-helper-${randomBytes(4).toString("hex")}`, {
    environment: {},
    labels: {},
    uid: 1000,
    gid: 1000,
    hostname: "helper",
    workingFolder: "/",
    limits: small,
    binds: [],
    scratch: [],
    memoryFolders: [],
    network: "none",
    hostEntries: [],
    gpus: [],
    ...settings,
  });
  if (id === undefined) throw new Error("a random container name was taken");
  return id;
}

const small = {
  cores: 1,
  memoryBytes: 1e9,
  sharedMemoryBytes: 64e6,
  pids: 256,
  openFiles: 1024,
  logBytes: 1e6,
};
