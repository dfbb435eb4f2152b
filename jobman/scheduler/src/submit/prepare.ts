import { randomUUID } from "node:crypto";
import type { ParsedSubmitRequest } from "@workstation/jobman/protocol";
import type { Core } from "../core/core.ts";
import { ApiError } from "../errors/api-error.ts";
import { shown } from "../errors/shown.ts";
import type { OfferedFlavor } from "../platforms/capacity.ts";
import type { Platform } from "../platforms/platform.ts";
import type { User } from "../platforms/user.ts";
import type { JobSpec } from "../queue/index.ts";
import { checkRequest, makeJobName } from "./check-request.ts";
import { chooseDatasets } from "./choose-datasets.ts";
import { fitWarnings } from "./fit-warnings.ts";
import { type ResolvedImage, resolveImage } from "./resolve-image.ts";

/** A request that was found good: everything of the job but its place in the queue. */
export interface PreparedJob {
  readonly spec: Omit<JobSpec, "sequence">;
  readonly flavor: OfferedFlavor;
  readonly environment: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/** Checks a request against site, machine and user. Throws an `ApiError`; changes nothing. */
export async function prepareJob(
  core: Pick<Core, "site" | "flavors" | "now" | "problems">,
  platform: Pick<Platform, "images" | "datasets" | "limits">,
  asked: { readonly user: User; readonly request: ParsedSubmitRequest },
): Promise<PreparedJob> {
  const { user, request } = asked;
  checkRequest(request, platform.limits);
  const flavor = findFlavor(core, request.flavor ?? core.site.defaults.flavor);
  const image = await resolveImage(platform.images, core.site, request.image);
  checkCommand(request, image);
  const { datasets, warnings } = await chooseDatasets(platform.datasets, user, request.datasets);
  return {
    flavor,
    environment: request.environment,
    warnings: [...warnings, ...fitWarnings(flavor, image), ...core.problems.forUsers()],
    spec: {
      id: randomUUID(),
      name: request.name ?? makeJobName(),
      owner: user.name,
      uid: user.uid,
      gid: user.gid,
      image: image.reference,
      flavor: flavor.name,
      arguments: request.arguments,
      exact: request.exact,
      annotations: request.annotations,
      datasets,
      timeLimitSeconds: flavor.timeLimitSeconds,
      cores: flavor.resources.cores,
      memoryBytes: flavor.resources.memoryBytes,
      submittedAt: core.now(),
    },
  };
}

function findFlavor(core: Pick<Core, "site" | "flavors">, name: string): OfferedFlavor {
  const names = core
    .flavors()
    .map((each) => each.name)
    .join(", ");
  const flavor = core.flavors().find((each) => each.name === name);
  if (flavor !== undefined) return withSlots(flavor);
  if (core.site.flavors.some((each) => each.name === name)) {
    throw new ApiError("UNKNOWN_FLAVOR", `the flavor ${shown(name)} is for desktops, not for jobs`, {
      hint: `flavors: ${names}`,
    });
  }
  const hint = name.trimStart().startsWith("{")
    ? `resources are chosen by the name of a flavor: ${names}`
    : `flavors: ${names}; see: jobman resources-flavors`;
  throw new ApiError("UNKNOWN_FLAVOR", `there is no flavor ${shown(name)}`, { hint });
}

function withSlots(flavor: OfferedFlavor): OfferedFlavor {
  if (flavor.usableSlots > 0) return flavor;
  const why = flavor.missing ?? "the site gives it no slots";
  throw new ApiError("NO_DEVICES", `the flavor ${flavor.name} has no slots on this machine: ${why}`, {
    hint: "choose another flavor; see: jobman resources-flavors",
  });
}

function checkCommand(request: ParsedSubmitRequest, image: ResolvedImage): void {
  const [first, ...rest] = request.arguments;
  const isEmpty = first === undefined || (!request.exact && first === "--" && rest.length === 0);
  if (!isEmpty || (!image.ofFamily && !request.exact)) return;
  throw new ApiError("INVALID_REQUEST", "there is no command to run", {
    hint: "give it after two dashes: jobman submit -- python3 example.py",
  });
}
