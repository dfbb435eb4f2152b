import { type Component, packageUrl } from "./component.ts";

/** The distribution, and how package-urls name it: `debian-12`, `ubuntu-22.04`. */
export interface OperatingSystem {
  readonly distro: { readonly id: string; readonly release: string };
  readonly components: readonly Component[];
}

/** Reads os-release(5). */
export function operatingSystem(text: string): OperatingSystem {
  const fields = new Map(
    text.split("\n").map((line) => {
      const [name = "", value = ""] = line.split(/=(.*)/s);
      return [name, value.replace(/^(["'])(.*)\1$/, "$2")] as const;
    }),
  );
  const [id, release] = [fields.get("ID") ?? "", fields.get("VERSION_ID") ?? ""];
  const components: readonly Component[] =
    id === "" ? [] : [{ type: "operating-system", name: id, version: release }];
  return { distro: { id, release }, components };
}

/** The installed packages of dpkg's status file (deb-control(5)). */
export function debianPackages(text: string, distro: OperatingSystem["distro"]): readonly Component[] {
  return text.split(/\n{2,}/).flatMap((paragraph) => {
    const field = (name: string): string =>
      new RegExp(`^${name}:[ \t]*(.*)$`, "m").exec(paragraph)?.[1]?.trim() ?? "";
    const [name, version] = [field("Package"), field("Version")];
    const status = field("Status");
    if (name === "" || (status !== "" && !/ installed$/.test(status))) return [];
    const qualifiers = { arch: field("Architecture"), distro: `${distro.id}-${distro.release}` };
    const purl = packageUrl("deb", { name: `${distro.id}/${name}`, version }, qualifiers);
    const homepage = field("Homepage");
    return [
      { type: "library" as const, name, version, purl, ...(URL.canParse(homepage) ? { url: homepage } : {}) },
    ];
  });
}
