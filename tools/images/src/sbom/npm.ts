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
  return read.success ? [componentOf(read.data, `/${path.replace(/\/?package\.json$/, "")}`)] : [];
}

/** The packages of which a program was made one file: the list that lies beside it. */
export function packedPackages(text: string, path: string): readonly Component[] {
  const read = z.array(manifest).safeParse(parse(text));
  const folder = `/${path.replace(/\/?[^/]+$/, "")}`;
  return read.success ? read.data.map((each) => componentOf(each, folder)) : [];
}

function componentOf({ name, version, license }: z.infer<typeof manifest>, path: string): Component {
  return {
    type: "library",
    name,
    version,
    purl: packageUrl("npm", { name, version }),
    path,
    ...(typeof license === "string" && license.length <= 100 ? { license } : {}),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a test file of a package, or a template
  }
}
