/** A shared library that is needed and not found, and why that is right. */
interface Absent {
  readonly library: RegExp;
  /** The files that may need it. */
  readonly neededBy: RegExp;
  readonly why: string;
}

/** Libraries that no image has. Nothing else may be missing in any file of an image. */
export const absentLibraries: readonly Absent[] = [
  {
    library: /^lib(cuda|nvidia-ml)\.so\.1$/,
    neededBy: /\/(dist|site)-packages\//,
    why: "the driver's: the machine that runs the job mounts its own",
  },
];
