import { type Reporter, UserError } from "@workstation/cli";
import { connectDocker, dockerAnswers, inspectImage } from "@workstation/docker";
import {
  makePrivateDaemon,
  type PrivateDaemon,
  privateDaemonObstacle,
} from "@workstation/docker/private-daemon";
import { obtainEnginePrograms } from "../setup/engine-programs.ts";

/** A Docker Engine and how a program is made to use it. */
export interface EngineUnderTest {
  /** Goes with the name of every test that ran on it. */
  readonly name: string;
  /** Goes before a program's own arguments. */
  readonly prefix: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  dispose(): Promise<void>;
}

/** Whether an engine is one that users have today: Docker Engine 28 speaks API 1.48. */
export function isCurrent(apiVersion: string): boolean {
  const [major = 0, minor = 0] = apiVersion.split(".").map(Number);
  return major > 1 || minor >= 48;
}

/** What the tests need on any engine, as far as the machine's has it. */
const images = ["workstation-base:debian-12", "ubuntu-python:latest"];

/** The engine that `connectDocker` finds, and whether it is a current one. */
export async function machineEngine(): Promise<{ readonly name: string; readonly current: boolean }> {
  return describe(undefined);
}

/**
 * A current engine beside the machine's: `$WORKSTATION_CURRENT_ENGINE` as it is, else a private one, whose programs are
 * built once. Throws a `UserError` that says why there is none.
 */
export async function makeCurrentEngine(reporter: Reporter, localFolder: string): Promise<EngineUnderTest> {
  const given = process.env.WORKSTATION_CURRENT_ENGINE;
  if (given !== undefined) return await givenEngine(given);
  const obstacle = privateDaemonObstacle();
  if (obstacle !== undefined) throw new UserError("ENGINE_NOT_BUILT", obstacle);
  const tools = await obtainEnginePrograms(reporter, localFolder);
  const engine = await makePrivateDaemon({ tools, network: true });
  try {
    await reporter.step("Bring the images to it", () => copyImages(engine));
    const { name } = await describe(engine.host);
    return {
      name,
      prefix: ["nsenter", `--net=${engine.networkNamespace()}`, "--"],
      environment: { DOCKER_HOST: engine.host, PATH: `${tools}:${process.env.PATH}` },
      dispose: engine.dispose,
    };
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

async function givenEngine(host: string): Promise<EngineUnderTest> {
  const { name, current } = await describe(host);
  if (!current) throw new UserError("ENGINE_TOO_OLD", `WORKSTATION_CURRENT_ENGINE is ${name}`);
  return { name, prefix: [], environment: { DOCKER_HOST: host }, dispose: async () => undefined };
}

async function describe(host: string | undefined): Promise<{ name: string; current: boolean }> {
  const answer = await dockerAnswers(host);
  if (!answer.ok) throw new UserError("ENGINE_UNAVAILABLE", answer.reason);
  const { version, apiVersion } = answer;
  return { name: `Docker Engine ${version}, API ${apiVersion}`, current: isCurrent(apiVersion) };
}

async function copyImages(engine: PrivateDaemon): Promise<void> {
  const machine = await connectDocker();
  for (const image of images) {
    if ((await inspectImage(machine, image)) !== undefined) await engine.copyImage(machine, image);
  }
}
