import { z } from "zod";
import { type Component, packageUrl } from "./component.ts";

const manifest = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  license: z.unknown().optional(),
});

/** The package that a package.json describes; none where it is only a note to a loader. */
export function npmPackage(text: string, path: string): readonly Component[] {
  const read = manifest.safeParse(parse(text));
  if (!read.success) return [];
  const { name, version, license } = read.data;
  return [
    {
      type: "library",
      name,
      version,
      purl: packageUrl("npm", { name, version }),
      path: `/${path.replace(/\/?package\.json$/, "")}`,
      ...(typeof license === "string" && license.length <= 100 ? { license } : {}),
    },
  ];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a test file of a package, or a template
  }
}
