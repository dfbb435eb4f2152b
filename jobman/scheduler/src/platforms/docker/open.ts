import { userInfo } from "node:os";
import { connectDocker, type DockerConnection } from "@workstation/docker";
import type { Site } from "@workstation/site";
import { createProblemBoard, type ProblemBoard } from "../../diagnostics/problems.ts";
import type { Lead, OpenOptions, Platform } from "../platform.ts";
import { createLocalAccess } from "./access/local-access.ts";
import { createDockerEngine } from "./docker-engine.ts";
import { insistOnSupported } from "./engine/daemon-capabilities.ts";
import { createImageCatalogue } from "./images/catalogue.ts";
import { takeLead } from "./lead/lead.ts";
import { prepareState } from "./lead/prepare-state.ts";
import { sinksIn } from "./lead/state-sinks.ts";
import { devicesOn } from "./machine/devices-on.ts";
import { flavorsOn } from "./machine/flavors.ts";
import { createMachineProbe } from "./machine/machine.ts";
import { checkDatasets } from "./mounts/check-datasets.ts";

/** The engine itself has no such limit; the kernel's is a quarter of the stack's, 2 MiB. */
const dockerLimits = { specificationBytes: 1_048_576 };

/**
 * Jobs as containers of one Docker Engine, users behind sockets and folders of its machine. Throws what the engine is
 * refused for; touches nothing before it has the lead.
 */
export async function open(site: Site, options: OpenOptions): Promise<Platform> {
  const { instance, places, ownUid } = options;
  const docker = await connectDocker(options.address);
  await insistOnSupported(docker);
  const machine = await createMachineProbe(docker).probe();
  const problems = createProblemBoard();
  const engine = createDockerEngine({
    docker,
    instance,
    site,
    state: places.state,
    devices: devicesOn(machine, site),
    report: options.onFault,
    onProblems: problems.set,
  });
  const access = createLocalAccess({ site, places, ownUid, problems });
  const { cores, memoryBytes, gpus } = machine;
  return {
    kind: "docker",
    engine,
    problems,
    images: createImageCatalogue(docker, site),
    datasets: { check: (ids) => checkDatasets(places.state, ids) },
    limits: dockerLimits,
    sinks: sinksIn(places.state),
    capacity: async function* () {
      yield flavorsOn(machine, site);
    },
    lead: () => leadAndPrepare(docker, { options, problems }),
    authenticate: access.authenticate,
    listen: access.listen,
    scratchUse: engine.scratchUse,
    rescan: access.rescan,
    report: () => ({ machine: { cores, memoryBytes, gpus: gpus.length }, ...access.report() }),
    close: engine.leave,
  };
}

async function leadAndPrepare(
  docker: DockerConnection,
  { options, problems }: { readonly options: OpenOptions; readonly problems: ProblemBoard },
): Promise<Lead> {
  const { instance, ownUid, places } = options;
  const holder = { instance, pid: process.pid, user: accountName(ownUid), since: new Date().toISOString() };
  const lead = await takeLead(docker, { state: places.state, holder });
  try {
    const found = await prepareState(places.state, ownUid);
    problems.set(
      "state folder",
      found.map((message) => ({ message })),
    );
    return lead;
  } catch (error) {
    await lead.release();
    throw error;
  }
}

// An account need not have an entry in the machine's table.
function accountName(ownUid: number): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${ownUid}`;
  }
}
