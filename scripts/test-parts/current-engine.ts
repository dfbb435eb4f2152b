import { join } from "node:path";
import { type Reporter, UserError } from "@workstation/cli";
import { connectDocker, dockerAnswers, inspectImage } from "@workstation/docker";
import {
  makePrivateDaemon,
  type PrivateDaemon,
  privateDaemonObstacle,
} from "@workstation/docker/private-daemon";
import { obtainGoPrograms } from "@workstation/programs";
import { enginePrograms } from "../setup/engine-programs.ts";
import { withWayOut } from "./way-out.ts";

/** A Docker Engine and how a program is made to use it. */
export interface EngineUnderTest {
  /** Goes with the name of every test that ran on it. */
  readonly name: string;
  /** Goes before a program's own arguments. */
  readonly prefix: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Runs something during which builds on it reach what this machine reaches; the tests of networks need that none does. */
  withWayOut<T>(use: () => Promise<T>): Promise<T>;
  /** Copies an image from the machine's engine, where that has it. */
  bringImage(reference: string): Promise<void>;
  dispose(): Promise<void>;
}

/** Whether an engine is one that users have today: Docker Engine 28 speaks API 1.48. */
export function isCurrent(apiVersion: string): boolean {
  const [major = 0, minor = 0] = apiVersion.split(".").map(Number);
  return major > 1 || minor >= 48;
}

/** What the tests need on any engine, where the machine's has it. */
const base = "workstation-base:debian-12";

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
  const log = join(localFolder, "engine-programs.log");
  const tools = await obtainGoPrograms(enginePrograms, { reporter, log });
  const engine = await makePrivateDaemon({ tools, network: true });
  try {
    await reporter.step("Bring the base to it", () => bringImage(engine, base));
    const { name } = await describe(engine.host);
    return {
      name,
      prefix: ["nsenter", `--net=${engine.networkNamespace()}`, "--"],
      environment: { DOCKER_HOST: engine.host, PATH: `${tools}:${process.env.PATH}` },
      withWayOut: (use) => withWayOut(engine.networkNamespace(), use),
      bringImage: (reference) => bringImage(engine, reference),
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
  return {
    name,
    prefix: [],
    environment: { DOCKER_HOST: host },
    withWayOut: (use) => use(),
    bringImage: async () => undefined,
    dispose: async () => undefined,
  };
}

async function describe(host: string | undefined): Promise<{ name: string; current: boolean }> {
  const answer = await dockerAnswers(host);
  if (!answer.ok) throw new UserError("ENGINE_UNAVAILABLE", answer.reason);
  const { version, apiVersion } = answer;
  return { name: `Docker Engine ${version}, API ${apiVersion}`, current: isCurrent(apiVersion) };
}

async function bringImage(engine: PrivateDaemon, reference: string): Promise<void> {
  const machine = await connectDocker();
  if ((await inspectImage(machine, reference)) !== undefined) await engine.copyImage(machine, reference);
}
