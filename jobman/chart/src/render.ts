import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runLogged } from "@workstation/programs";
import { parseAllDocuments } from "yaml";
import { chartProgram } from "./programs.ts";

/** An object for the API server. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export interface RenderOptions {
  readonly namespace?: string;
  /** In the place of those in values.yaml. */
  readonly values?: object;
  /** With what `helm test` runs. */
  readonly tests?: boolean;
}

/** The chart as helm would send it. Throws `COMMAND_FAILED`. */
export async function renderChart(folder: string, options: RenderOptions = {}): Promise<readonly Manifest[]> {
  const text = await renderText(folder, options);
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((each) => each !== null);
}

async function renderText(folder: string, options: RenderOptions): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), "workstation-chart-"));
  try {
    const values = join(work, "values.json");
    writeFileSync(values, JSON.stringify(options.values ?? {}));
    const without = options.tests === true ? [] : ["--skip-tests"];
    const argv = ["template", "workstation", folder, "--namespace", options.namespace ?? "workstation"];
    return await runLogged([chartProgram("helm"), ...argv, "--values", values, ...without], {
      log: join(work, "helm.log"),
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
