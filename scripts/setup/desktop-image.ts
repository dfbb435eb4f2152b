import { connectDocker, inspectImage } from "@workstation/docker";
import { readFamily } from "../../tools/images/src/family/read-family.ts";
import { projectFolder } from "./places.ts";

/** The first desktop of the family that is on this machine, if there is one; `WORKSTATION_IMAGE` names another. */
export async function desktopImage(prefix: string): Promise<string | undefined> {
  if (process.env.WORKSTATION_IMAGE) return process.env.WORKSTATION_IMAGE;
  const docker = await connectDocker();
  for (const { name, kind } of await readFamily(projectFolder)) {
    const reference = `${prefix}${name}:latest`;
    if (kind === "desktop" && (await inspectImage(docker, reference)) !== undefined) return reference;
  }
  return undefined;
}
