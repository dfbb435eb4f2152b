/** Something that an image holds, with a version. */
export interface Component {
  readonly type: "library" | "application" | "file" | "operating-system";
  readonly name: string;
  readonly version: string;
  /** What names it everywhere (package-url). */
  readonly purl?: string;
  readonly license?: string;
  readonly sha256?: string;
  readonly url?: string;
  /** Where in the image it lies. */
  readonly path?: string;
}

/** A package-url (https://github.com/package-url/purl-spec); qualifiers come in the order of their names. */
export function packageUrl(
  type: string,
  { name, version }: { readonly name: string; readonly version: string },
  qualifiers: Readonly<Record<string, string>> = {},
): string {
  const path = name.split("/").map(encodeURIComponent).join("/");
  const query = Object.entries(qualifiers)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join("&");
  return `pkg:${type}/${path}@${encodeURIComponent(version)}${query === "" ? "" : `?${query}`}`;
}
