import { randomInt } from "node:crypto";
import type { ParsedSubmitRequest } from "@workstation/jobman/protocol";
import { datasetIdPattern, jobNamePattern, reservedLabelPrefix } from "@workstation/site";
import { ApiError } from "../errors/api-error.ts";
import { shown } from "../errors/shown.ts";
import type { PlatformLimits } from "../platforms/platform.ts";

/** The longest single argument or variable that Linux hands to a program (MAX_ARG_STRLEN in binfmts.h), with its final zero byte. */
const longestArgument = 131_072;
/** What all annotations may take, as JSON: they stay in memory with the job's record. */
const longestAnnotations = 16_384;

/**
 * Refuses what could not run, would be mistaken on its way or is more than the platform keeps: throws an `ApiError` that
 * names the wrong value.
 */
export function checkRequest(request: ParsedSubmitRequest, limits: PlatformLimits): void {
  if (request.name !== undefined) checkJobName(request.name);
  checkArguments(request, limits.specificationBytes);
  checkEnvironment(request.environment);
  checkAnnotations(request.annotations);
  for (const id of request.datasets ?? []) checkDatasetId(id);
}

/** A job's name must be a DNS label; throws `INVALID_NAME`. */
export function checkJobName(name: string): void {
  if (jobNamePattern.test(name)) return;
  throw new ApiError("INVALID_NAME", `${shown(name)} cannot be a job's name`, {
    hint: "lower-case letters, digits and dashes, 1 to 63 characters, no dash at the ends",
  });
}

/** The name of a job that its owner gave none. */
export function makeJobName(): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  const random = Array.from({ length: 8 }, () => alphabet[randomInt(alphabet.length)]);
  return `job-${random.join("")}`;
}

function checkArguments(request: ParsedSubmitRequest, most: number): void {
  request.arguments.forEach((argument, index) => {
    checkText(argument, `argument ${index + 1}`);
  });
  const texts = [...request.arguments, ...Object.entries(request.environment).flat()];
  const together = texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
  if (together <= most) return;
  throw new ApiError("REQUEST_TOO_LARGE", `arguments and environment take ${together} bytes together`, {
    hint: `at most ${most} fit; put the data into a file in persistent-home`,
  });
}

/** A variable's value may be a secret: messages, and the audit with them, are told nothing of what is `hidden`. */
function checkText(text: string, what: string, manner: "shown" | "hidden" = "shown"): void {
  const quoted = (before: string) => (manner === "hidden" ? "" : `${before}${shown(text)}`);
  if (text.includes("\0")) {
    throw new ApiError(
      "INVALID_REQUEST",
      `${what} holds a zero byte, which no program can receive${quoted(": ")}`,
    );
  }
  if (!text.isWellFormed()) {
    throw new ApiError("INVALID_REQUEST", `${what} is no valid Unicode text${quoted(": ")}`);
  }
  const bytes = Buffer.byteLength(text) + 1;
  if (bytes <= longestArgument) return;
  throw new ApiError("INVALID_REQUEST", `${what} takes ${bytes} bytes${quoted(" and begins with ")}`, {
    hint: `at most ${longestArgument - 1} fit into one; put the data into a file in persistent-home`,
  });
}

function checkEnvironment(environment: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(environment)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(name)) {
      throw new ApiError("INVALID_REQUEST", `${shown(name)} cannot be a variable's name`, {
        hint: "letters, digits and underscores, no digit first",
      });
    }
    if (name.startsWith("WORKSTATION_")) {
      throw new ApiError("INVALID_REQUEST", `the variable ${shown(name)} belongs to the workstation`, {
        hint: "names that begin with WORKSTATION_ are set by the queue and cannot be given",
      });
    }
    refuseRuntimeName(name);
    checkText(`${name}=${value}`, `the variable ${name}`, "hidden");
  }
}

/** Names by which container runtimes decide what of the machine's devices a container gets, or whether it may start. */
const runtimeNames =
  /^(?:NVIDIA_(?!TF32_OVERRIDE$)|(?:AMD|HABANA|ASCEND)_VISIBLE_DEVICES$|ASCEND_RUNTIME_OPTIONS$)/;

/** What only programs read, such as CUDA_VISIBLE_DEVICES, stays the user's. */
function refuseRuntimeName(name: string): void {
  if (!runtimeNames.test(name)) return;
  throw new ApiError("INVALID_REQUEST", `the variable ${shown(name)} belongs to the container runtime`, {
    hint: "a job's devices are those of its flavor; within them, programs obey CUDA_VISIBLE_DEVICES",
  });
}

function checkAnnotations(annotations: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(annotations)) {
    if (!/^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,126}[A-Za-z0-9])?$/.test(key)) {
      throw new ApiError("INVALID_REQUEST", `${shown(key)} cannot be an annotation's key`, {
        hint: "1 to 128 letters, digits and . _ / - between them",
      });
    }
    if (key.toLowerCase().startsWith(reservedLabelPrefix)) {
      throw new ApiError("INVALID_REQUEST", `the annotation ${shown(key)} belongs to the workstation`, {
        hint: `keys that begin with ${reservedLabelPrefix} are set by the queue and cannot be given`,
      });
    }
    checkText(value, `the annotation ${key}`);
  }
  const together = Buffer.byteLength(JSON.stringify(annotations));
  if (together <= longestAnnotations) return;
  throw new ApiError("REQUEST_TOO_LARGE", `the annotations take ${together} bytes together, as JSON`, {
    hint: `at most ${longestAnnotations} fit: they are labels, and kept as long as the job's record`,
  });
}

function checkDatasetId(id: string): void {
  if (datasetIdPattern.test(id)) return;
  throw new ApiError("INVALID_DATASET", `${shown(id)} is not a dataset id`, {
    hint: "an id has 1 to 64 of the characters A-Z a-z 0-9 . _ -",
  });
}
