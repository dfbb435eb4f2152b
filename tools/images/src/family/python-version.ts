import type { Distribution } from "@workstation/site";

/** The Python of a distribution's own packages; locks are resolved for it. */
export const pythonVersions: Readonly<Record<Distribution, string>> = {
  "ubuntu-22.04": "3.10",
  "debian-12": "3.11",
};
