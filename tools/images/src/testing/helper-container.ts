import { randomBytes } from "node:crypto";
import { type ContainerSettings, createContainer, type DockerConnection } from "@workstation/docker";

type Changes = Pick<ContainerSettings, "image" | "command"> & Partial<ContainerSettings>;

/** Of a small container, offline and nobody's, unless said otherwise. */
export function smallContainer(changes: Changes): ContainerSettings {
  return {
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
    ...changes,
  };
}

/** A small container that a test needs beside the thing that it tests. Its id. */
export async function makeHelperContainer(docker: DockerConnection, changes: Changes): Promise<string> {
  const name = `test-helper-${randomBytes(4).toString("hex")}`;
  const id = await createContainer(docker, name, smallContainer(changes));
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
