import { readFileSync } from "node:fs";
import { join } from "node:path";
import { siteValues, siteValuesText } from "@workstation/chart";
import type { Site } from "@workstation/site";
import { publishedNames } from "../tools/images/src/family/published-names.ts";
import { readFamily } from "../tools/images/src/family/read-family.ts";
import { projectFolder } from "./setup/places.ts";

/** The chart's values with what they repeat of `site.yaml`, between `# generated: site` and `# end`. */
export async function fillChartValues(text: string, site: Site): Promise<string> {
  const names = await familyNames(site);
  const file = readFileSync(join(projectFolder, "site.yaml"), "utf8");
  const values = siteValuesText(siteValues(site, names, file));
  return text.replace(/(?<=^# generated: site\n)[\s\S]*?(?=^# end$)/m, () => values);
}

/** How a job may call an image of the family: as it is called here, and as it is published. */
export async function familyNames(site: Site): Promise<readonly string[]> {
  const family = await readFamily(projectFolder);
  const batch = family.filter(({ kind }) => kind === "batch");
  const names = batch.flatMap((image) => {
    const published = publishedNames(image, site, site.base.distribution);
    return [`${site.registry.prefix}${image.name}`, ...(published === undefined ? [] : [published.name])];
  });
  return [...new Set(names)].sort();
}
