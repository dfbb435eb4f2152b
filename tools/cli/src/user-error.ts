/** A fault that the person at the other end can mend: printed as a sentence and a way out, never as a stack. */
export class UserError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: number;

  /**
   * @param code stable, upper-case name of the fault, for scripts and tests (`SITE_INVALID`)
   * @param message one sentence that names the wrong value and where it stands
   * @param options `hint`: what to do; `exitCode`: see `exitCodes`, default `usage`; `cause`: the error below
   */
  constructor(
    code: string,
    message: string,
    options: { readonly hint?: string; readonly exitCode?: number; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "UserError";
    this.code = code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? exitCodes.usage;
  }
}

/** The exit codes that every command of the project shares (69 and 75 as in sysexits.h, 124 as in timeout(1)). */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  unavailable: 69,
  bug: 70,
  tryLater: 75,
  notAllowed: 77,
  timeout: 124,
  detached: 130,
} as const;
