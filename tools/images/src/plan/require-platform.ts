import { exitCodes, UserError } from "@workstation/cli";
import { type DockerConnection, enginePlatform } from "@workstation/docker";

/** What images are built for: their locks, assets and Node are pinned for it. */
export const platform = "linux/amd64";

/** Throws `ENGINE_PLATFORM` for an engine that would build another thing under the same key. */
export async function requirePlatform(docker: DockerConnection): Promise<void> {
  const engine = await enginePlatform(docker);
  if (engine === platform) return;
  throw new UserError("ENGINE_PLATFORM", `this Docker Engine is ${engine}; the images are for ${platform}`, {
    hint: `set DOCKER_HOST to the engine of a ${platform} machine`,
    exitCode: exitCodes.unavailable,
  });
}
