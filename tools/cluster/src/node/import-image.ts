import { join } from "node:path";
import { connectDocker, saveImage } from "@workstation/docker";
import { execa } from "execa";
import type { NodePrograms } from "../programs/node-programs.ts";
import { containerdSocket } from "./configuration.ts";

/** Brings an image of the local Docker Engine to a node, under the name that pods know it by. Throws where the engine has none. */
export async function importImage(
  reference: string,
  { folder, programs }: { readonly folder: string; readonly programs: NodePrograms },
): Promise<void> {
  const archive = await saveImage(await connectDocker(), reference);
  const place = ["--address", containerdSocket(folder), "--namespace", "k8s.io"];
  await execa(join(programs.folder, "ctr"), [...place, "images", "import", "-"], { input: archive });
}
