import type { Distribution, Site } from "@workstation/site";

/** What a recipe needs besides the layer: the site, what it is built on, and the project's version. */
export interface SiteFacts {
  readonly site: Site;
  readonly distribution: Distribution;
  readonly version: string;
}
