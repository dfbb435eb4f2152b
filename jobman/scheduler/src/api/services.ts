import type { Core } from "../core/core.ts";
import type { Presenter } from "../jobs/presenter.ts";
import type { ImageCatalogue } from "../platforms/engine.ts";
import type { User } from "../platforms/user.ts";
import type { Submitter } from "../submit/submit.ts";

/** What the routes work with. */
export interface Services {
  readonly core: Core;
  readonly catalogue: ImageCatalogue;
  readonly submitter: Submitter;
  readonly presenter: Presenter;
  readonly version: string;
  /** Who is asking. Throws an `ApiError` when it is nobody. */
  readonly identify: (request: object) => User;
  /** Aborted when the scheduler stops: streams end so that their readers come back. */
  readonly stopping: AbortSignal;
}
