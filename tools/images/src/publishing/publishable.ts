import type { Reporter } from "@workstation/cli";
import type { DockerConnection, ImageDetails } from "@workstation/docker";
import type { PublishedNames } from "../family/published-names.ts";
import type { PlannedImage } from "../plan/plan.ts";
import type { Registry } from "../registry/registry.ts";
import type { UploadMemory } from "../registry/upload-blob.ts";
import type { BuildFacts } from "./build-facts.ts";

/** An image of this machine that has passed its tests, and where it goes. */
export interface Publishable {
  readonly planned: PlannedImage;
  readonly details: ImageDetails;
  readonly names: PublishedNames;
  /** Repositories that hold what it stands on. */
  readonly siblings: readonly string[];
}

/** What became of an image. */
export interface Published {
  readonly digest: string;
  /** The tags that name it now, and did not before. */
  readonly moved: readonly string[];
  readonly sentBytes: number;
}

/** What publishing works with. */
export interface Workshop {
  readonly docker: DockerConnection;
  readonly registry: Registry;
  readonly memory: UploadMemory;
  /** What must not be done twice is kept here. */
  readonly folder: string;
  readonly facts: BuildFacts;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}
