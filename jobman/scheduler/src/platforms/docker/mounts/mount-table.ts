/** A mount of this process' namespace. */
export interface MountPoint {
  readonly point: string;
  readonly options: readonly string[];
}

/** Reads /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export function parseMounts(text: string): readonly MountPoint[] {
  return text
    .split("\n")
    .map((line) => line.split(" "))
    .flatMap(([, , , , point, options]) =>
      point === undefined || options === undefined
        ? []
        : [{ point: withoutEscapes(point), options: options.split(",") }],
    );
}

/** The mount on which `path` lies: of those above it the deepest, and of those on one point the last, which hides the others. */
export function mountOf(mounts: readonly MountPoint[], path: string): MountPoint | undefined {
  const above = mounts.filter(({ point }) => isWithin(path, point));
  const deepest = Math.max(...above.map(({ point }) => point.length));
  return above.findLast(({ point }) => point.length === deepest);
}

/** The mounts below `path`; of those on one point the last. */
export function mountsWithin(mounts: readonly MountPoint[], path: string): readonly MountPoint[] {
  const below = mounts.filter(({ point }) => point !== path && isWithin(point, path));
  return [...new Map(below.map((each) => [each.point, each])).values()];
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
}

function withoutEscapes(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
