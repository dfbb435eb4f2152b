/** One package of a lock: its pin, and the lines that hold it with its hashes. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly lines: readonly string[];
}

/** Reads a lock as uv writes it. */
export function parseLock(text: string): readonly LockedPackage[] {
  const packages: { name: string; version: string; lines: string[] }[] = [];
  for (const line of text.split("\n")) {
    const pin = /^([A-Za-z0-9._-]+)==([^\s;\\]+)/.exec(line);
    if (pin?.[1] !== undefined && pin[2] !== undefined) {
      packages.push({ name: pin[1], version: pin[2], lines: [line] });
    } else if (line.startsWith(" ")) {
      packages.at(-1)?.lines.push(line);
    }
  }
  return packages;
}

/** The lock as text; `parseLock` reads it back. */
export function writeLock(packages: readonly LockedPackage[]): string {
  return packages.map((each) => `${each.lines.join("\n")}\n`).join("");
}

/** What a child's lock adds to those of the images below it. */
export function withoutPackages(
  lock: readonly LockedPackage[],
  below: readonly LockedPackage[],
): readonly LockedPackage[] {
  const names = new Set(below.map((each) => each.name));
  return lock.filter((each) => !names.has(each.name));
}

/** Pins without hashes, as constraints for another resolution. */
export function asConstraints(packages: readonly LockedPackage[]): string {
  return packages.map((each) => `${each.name}==${each.version}\n`).join("");
}
