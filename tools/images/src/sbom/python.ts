import { type Component, packageUrl } from "./component.ts";

/** The package that a METADATA or PKG-INFO file describes (PEP 566); none where it names nothing. */
export function pythonPackage(text: string, path: string): readonly Component[] {
  const head = text.split(/\r?\n\r?\n/)[0] ?? "";
  const field = (name: string): string =>
    new RegExp(`^${name}:[ \t]*(.*)$`, "im").exec(head)?.[1]?.trim() ?? "";
  const [name, version] = [field("Name"), field("Version")];
  if (name === "" || version === "") return [];
  const license = field("License-Expression") || field("License");
  const normal = name.toLowerCase().replace(/[-_.]+/g, "-"); // PEP 503
  return [
    {
      type: "library",
      name,
      version,
      purl: packageUrl("pypi", { name: normal, version }),
      path: `/${path.replace(/\/[^/]+$/, "")}`,
      ...(license === "" || license === "UNKNOWN" || license.length > 100 ? {} : { license }),
    },
  ];
}
