import { UserError } from "@workstation/cli";
import { localOpenFilesCeiling } from "@workstation/docker";
import { type ProbedEngine, probeOpenFiles } from "./open-files-probe.ts";

/**
 * How many open files an engine can allow a container, at most; `image`: one that is there, to find out with on another
 * machine. `report` hears when that is less than the site's `limits.openFiles`.
 */
export async function findOpenFilesCeiling(
  engine: ProbedEngine & { readonly report: (fault: unknown) => void },
  image: string,
): Promise<number> {
  const ceiling = await localOpenFilesCeiling(engine.docker);
  if (ceiling !== undefined) return ceiling;
  const found = await probeOpenFiles(engine, image);
  const { openFiles } = engine.site.limits;
  if (found < openFiles) engine.report(lowered(openFiles, found));
  return found;
}

/** The first answer stands; a question that failed is asked again. */
export function askedOnce<Question, Answer>(
  ask: (question: Question) => Promise<Answer>,
): (question: Question) => Promise<Answer> {
  let asked: Promise<Answer> | undefined;
  return async (question) => {
    asked ??= ask(question);
    try {
      return await asked;
    } catch (fault) {
      asked = undefined;
      throw fault;
    }
  };
}

function lowered(wanted: number, found: number): UserError {
  return new UserError(
    "OPEN_FILES_LOWERED",
    `the engine gives a job ${found} open files, not the ${wanted} of limits.openFiles`,
    {
      hint: "raise the engine's own limit (LimitNOFILE of docker.service), or lower limits.openFiles in site.yaml",
    },
  );
}
