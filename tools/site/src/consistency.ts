import { formatDuration } from "@workstation/cli";

/** What the facts of a site must be to each other; the schema has checked each by itself. */
export interface SiteFacts {
  readonly flavors: readonly {
    readonly name: string;
    readonly kind: "job" | "desktop";
    readonly timeLimit?: number | undefined;
    readonly gpu?: { readonly devices?: readonly string[] | undefined } | undefined;
  }[];
  readonly user: { readonly uid: number; readonly gid: number };
  readonly limits: { readonly warnBefore: number; readonly lowestId: number };
  readonly defaults: { readonly flavor: string };
  readonly images: { readonly allowed: readonly string[] };
  readonly kubernetes: { readonly flavors: Readonly<Record<string, unknown>> };
  readonly network: { readonly services: readonly { readonly host: string; readonly port: number }[] };
}

/** A fault: which value, and what would be right. */
export interface Contradiction {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Everything that does not fit together in a site. */
export function findContradictions(site: SiteFacts): readonly Contradiction[] {
  return [
    ...repetitions(site),
    ...unusableDefault(site),
    ...earlyWarning(site),
    ...highFloor(site),
    ...unknownFlavors(site),
  ];
}

function repetitions(site: SiteFacts): readonly Contradiction[] {
  const devices = site.flavors.flatMap((flavor, index) =>
    (flavor.gpu?.devices ?? []).map((id, slot) => ({
      path: ["flavors", index, "gpu", "devices", slot],
      key: id,
    })),
  );
  return [
    ...repeated(site.flavors.map(({ name }, index) => ({ path: ["flavors", index, "name"], key: name }))),
    ...repeated(devices),
    ...repeated(site.images.allowed.map((key, index) => ({ path: ["images", "allowed", index], key }))),
    ...repeated(
      site.network.services.map(({ host, port }, index) => ({
        path: ["network", "services", index],
        key: `${host.toLowerCase()}:${port}`,
      })),
    ),
  ];
}

function repeated(
  entries: readonly { readonly path: readonly (string | number)[]; readonly key: string }[],
): readonly Contradiction[] {
  const seen = new Set<string>();
  return entries
    .filter(({ key }) => seen.has(key) || !seen.add(key))
    .map(({ path }) => ({ path, message: "is there twice" }));
}

function unusableDefault({ flavors, defaults }: SiteFacts): readonly Contradiction[] {
  const names = flavors.filter((flavor) => flavor.kind === "job").map((flavor) => flavor.name);
  if (names.includes(defaults.flavor)) return [];
  const list = new Intl.ListFormat("en-GB", { type: "disjunction" }).format(names);
  const message =
    names.length === 0 ? "must be a job flavor, and flavors has none" : `must be a job flavor: ${list}`;
  return [{ path: ["defaults", "flavor"], message }];
}

// A job with a shorter limit is warned half-way; that no job at all could be warned in time is a slip.
function earlyWarning({ flavors, limits }: SiteFacts): readonly Contradiction[] {
  const longest = Math.max(0, ...flavors.map((flavor) => flavor.timeLimit ?? 0));
  if (longest === 0 || limits.warnBefore < longest) return [];
  const message = `must be shorter than the time limits; the longest time limit is ${formatDuration(longest)}`;
  return [{ path: ["limits", "warnBefore"], message }];
}

// The site's own user must not be refused.
function highFloor({ user, limits }: SiteFacts): readonly Contradiction[] {
  const lowest = Math.min(user.uid, user.gid);
  if (limits.lowestId <= lowest) return [];
  return [{ path: ["limits", "lowestId"], message: `must be at most the ids of the site's user, ${lowest}` }];
}

function unknownFlavors({ flavors, kubernetes }: SiteFacts): readonly Contradiction[] {
  const names = new Set(flavors.map((flavor) => flavor.name));
  return Object.keys(kubernetes.flavors)
    .filter((name) => !names.has(name))
    .map((name) => ({
      path: ["kubernetes", "flavors", name],
      message: `must be one of flavors: ${[...names].join(", ")}`,
    }));
}
