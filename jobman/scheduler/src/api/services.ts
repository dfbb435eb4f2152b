import type { ImageCatalogue } from "../engines/engine.ts";
import type { Core } from "../jobs/core.ts";
import type { Submitter } from "../jobs/submit.ts";
import type { JobViews } from "../jobs/view.ts";
import type { User } from "../users/user.ts";

/** What the routes work with. */
export interface Services {
  readonly core: Core;
  readonly catalogue: ImageCatalogue;
  readonly submitter: Submitter;
  readonly views: JobViews;
  readonly version: string;
  /** Who is asking. Throws an `ApiError` when it is nobody. */
  readonly identify: (request: object) => User;
  /** Aborted when the scheduler stops: streams end so that their readers come back. */
  readonly stopping: AbortSignal;
}
