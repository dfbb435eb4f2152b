import { UserError } from "@workstation/cli";
import { splitDatasetList } from "@workstation/site/names";
import type { Context } from "../context.ts";
import type { SubmitRequest } from "../protocol/index.ts";
import { refuseBrokenText } from "./broken-text.ts";
import { jobEnvironment } from "./job-environment.ts";

/** Reads what is to be submitted from the command line, the settings and the environment. Throws `USAGE`. */
export function submitRequest(context: Context): SubmitRequest {
  const { arguments: given, settings, io } = context;
  refuseBrokenText(given.operands);
  const image = given.value("image") ?? settings.defaultImage;
  const flavor = given.value("resources-flavor") ?? settings.defaultFlavor;
  const name = given.value("job-name");
  const datasets = given.value("datasets") ?? io.environment.DATASETS_LIST;
  return {
    arguments: [...given.operands],
    exact: given.has("command"),
    environment: jobEnvironment(context),
    annotations: annotationsOf(given.value("annotations")),
    ...(image === undefined ? {} : { image }),
    ...(flavor === undefined ? {} : { flavor }),
    ...(name === undefined ? {} : { name }),
    ...(datasets === undefined ? {} : { datasets: [...splitDatasetList(datasets)] }),
  };
}

function annotationsOf(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  return Object.fromEntries(
    Object.entries(parseObject(text)).map(([key, value]) => [key, scalarText(key, value)]),
  );
}

function parseObject(text: string): object {
  const refusal = (cause?: unknown) =>
    new UserError("USAGE", `--annotations is no JSON object: ${text.slice(0, 80)}`, {
      hint: `e.g. --annotations '{"project": "lung"}'`,
      cause,
    });
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    throw refusal(error);
  }
  throw refusal();
}

function scalarText(key: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new UserError("USAGE", `the annotation "${key}" is ${JSON.stringify(value)}, not a text`);
}
