import { join } from "node:path";

export { type ChartProgram, chartObstacle, chartProgram, obtainChartPrograms } from "./programs.ts";
export { type Manifest, renderChart } from "./render.ts";
export { type SiteValues, siteValues, siteValuesText } from "./site-values.ts";

/** The folder of the chart, for helm. */
export const chartFolder: string = join(import.meta.dirname, "..");
