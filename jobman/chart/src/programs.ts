import { existsSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import { type GoModule, type GoPrograms, goProgramsFolder, obtainGoPrograms } from "@workstation/programs";

const modules: readonly (Pick<GoModule, "module" | "version" | "minutes"> & { readonly path: string })[] = [
  { module: "helm.sh/helm/v4", version: "v4.3.2", path: "/cmd/helm", minutes: 2 },
  { module: "github.com/yannh/kubeconform", version: "v0.8.0", path: "/cmd/kubeconform", minutes: 1 },
  { module: "github.com/zegl/kube-score", version: "v1.20.0", path: "/cmd/kube-score", minutes: 1 },
];

const built: GoPrograms = {
  name: "chart-programs",
  modules: modules.map(({ path, ...module }) => ({
    ...module,
    packages: [path],
    flags: ["-ldflags", "-s -w"],
    pure: true,
  })),
  fault: (reason) =>
    new UserError("HELM_MISSING", `helm and the linters of charts are needed: ${reason}`, {
      hint: "install Go, which builds them once (about 4 min)",
      exitCode: exitCodes.unavailable,
    }),
};

/** What works on charts: helm, and linters of what it writes. */
export type ChartProgram = "helm" | "kubeconform" | "kube-score";

/** Builds them where they are not there yet. Throws `HELM_MISSING` and `COMMAND_FAILED`. */
export async function obtainChartPrograms(place: Parameters<typeof obtainGoPrograms>[1]): Promise<void> {
  await obtainGoPrograms(built, place);
}

/** Why there are none; undefined when they are there. */
export function chartObstacle(): string | undefined {
  return existsSync(goProgramsFolder(built)) ? undefined : "helm is not here: npm test -- kubernetes gets it";
}

/** One of them, as a file. */
export function chartProgram(name: ChartProgram): string {
  return join(goProgramsFolder(built), name);
}
