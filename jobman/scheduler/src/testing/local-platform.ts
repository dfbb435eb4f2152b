import { imageLabels, type Places, type Site } from "@workstation/site";
import { createProblemBoard, type ProblemBoard } from "../diagnostics/problems.ts";
import { catalogueOf } from "../platforms/catalogue-of.ts";
import { createLocalAccess } from "../platforms/docker/access/local-access.ts";
import { sinksIn } from "../platforms/docker/lead/state-sinks.ts";
import { flavorsOn } from "../platforms/docker/machine/flavors.ts";
import { checkDatasets } from "../platforms/docker/mounts/check-datasets.ts";
import { makeStateFolders } from "../platforms/docker/users/write-users.ts";
import type { CatalogueImage, Engine } from "../platforms/engine.ts";
import type { Lead, Platform, PlatformLimits, PlatformReport, Sinks } from "../platforms/platform.ts";

/** What of a platform knows users. */
export interface Access extends Pick<Platform, "authenticate" | "listen" | "rescan"> {
  report(): Pick<PlatformReport, "users">;
  readonly refusals?: () => ReadonlyMap<string, number>;
}

/** A platform on an engine of the test's: sockets, users, folders and files are real, the machine is made up. */
export function createLocalPlatform(options: {
  readonly site: Site;
  readonly places: Places;
  readonly engine: Engine;
  readonly problems?: ProblemBoard;
  readonly lead?: Lead;
  readonly limits?: PlatformLimits;
  readonly sinks?: Sinks;
  /** Who reaches it, in place of users through sockets. */
  readonly access?: (problems: ProblemBoard) => Access;
}): Platform {
  const { site, places } = options;
  const problems = options.problems ?? createProblemBoard();
  const access: Access =
    options.access?.(problems) ??
    createLocalAccess({ site, places, problems, ownUid: process.getuid?.() ?? 0 });
  const lead = options.lead ?? { lost: new Promise<never>(() => undefined), release: async () => undefined };
  return {
    kind: "fake",
    engine: options.engine,
    problems,
    images: catalogueOf(async () => images, site),
    limits: options.limits ?? { specificationBytes: 1_048_576 },
    sinks: options.sinks ?? sinksIn(places.state),
    datasets: { check: (ids) => checkDatasets(places.state, ids) },
    capacity: async function* () {
      yield flavorsOn({ cores: 8, memoryBytes: 100e9, gpus: [], gpuNote: "this is a test" }, site);
    },
    lead: async () => {
      await makeStateFolders(places.state);
      return lead;
    },
    authenticate: access.authenticate,
    listen: access.listen,
    rescan: access.rescan,
    report: () => ({ machine: { cores: 8, memoryBytes: 100e9, gpus: 0 }, ...access.report() }),
    ...(access.refusals === undefined ? {} : { refusals: access.refusals }),
    close: async () => undefined,
  };
}

const images: readonly CatalogueImage[] = [
  {
    name: "ubuntu-python",
    tags: ["latest"],
    reference: "ubuntu-python:latest",
    sizeBytes: 1,
    labels: { [imageLabels.name]: "ubuntu-python", [imageLabels.readme]: "# Read me" },
    allowed: true,
  },
  { name: "foreign", tags: ["1"], reference: "foreign:1", sizeBytes: 1, labels: {}, allowed: false },
];
