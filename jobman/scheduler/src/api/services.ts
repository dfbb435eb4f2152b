import type { Core } from "../core/core.ts";
import type { Presenter } from "../jobs/presenter.ts";
import type { Platform } from "../platforms/platform.ts";
import type { Submitter } from "../submit/submit.ts";

/** What the routes work with. */
export interface Services {
  readonly core: Core;
  readonly images: Platform["images"];
  readonly submitter: Submitter;
  readonly presenter: Presenter;
  readonly version: string;
  /** Who is asking; throws an `ApiError` when it is nobody. Asked before any handler. */
  readonly authenticate: Platform["authenticate"];
  /** Aborted when the scheduler stops: streams end so that their readers come back. */
  readonly stopping: AbortSignal;
}
