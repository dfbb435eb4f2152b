import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { formatDuration, runCommand, UserError } from "@workstation/cli";
import { loadSite, type Site } from "@workstation/site";
import { randomFrom } from "./random.ts";
import { formatWaitingTimes, waitingTimes } from "./report.ts";
import { simulate } from "./simulate.ts";
import { type SimulatedFlavor, typicalWorkload } from "./workload.ts";

const help = `Simulates a site's queue in virtual time and prints how long jobs wait for each flavor.

  node jobman/scheduler/src/simulate/main.ts [options]

  --jobs N     how many jobs to run (100000)
  --users N    how many users submit jobs in turn (60)
  --pause S    mean pause of a user between two jobs, in seconds (14400)
  --seed N     the same seed gives the same figures (1)
  --site FILE  slots, time limits and cap (site.yaml of the project)
  --json       rows as JSON, waiting times in seconds
`;

const defaultSite = fileURLToPath(new URL("../../../../site.yaml", import.meta.url));

process.exitCode = await runCommand(async () => {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(help);
  else print(options);
  return undefined;
}, process.stderr);

interface Options {
  readonly jobs: number;
  readonly users: number;
  readonly pause: number;
  readonly seed: number;
  readonly site: string;
  readonly json: boolean;
}

function print(options: Options): void {
  const started = performance.now();
  const site = loadSite(options.site);
  const flavors = flavorsOf(site);
  const workload = typicalWorkload({
    flavors,
    users: options.users,
    random: randomFrom(options.seed),
    meanPauseSeconds: options.pause,
    stopGraceSeconds: site.limits.stopGrace,
  });
  const { maxActiveJobsPerUser } = site.limits;
  const result = simulate({ flavors, maxActiveJobsPerUser, workload, jobs: options.jobs });
  const rows = waitingTimes(result, flavors);
  process.stdout.write(options.json ? `${JSON.stringify(rows)}\n` : formatWaitingTimes(rows));
  const took = formatDuration((performance.now() - started) / 1000);
  const passed = formatDuration(result.duration / 1000);
  process.stderr.write(
    `${result.ended.length} jobs of ${options.users} users, ${passed} in ${took}, seed ${options.seed}\n`,
  );
}

function flavorsOf(site: Site): readonly SimulatedFlavor[] {
  return site.flavors.flatMap(({ name, kind, slots, timeLimit }) =>
    kind === "job" && timeLimit !== undefined ? [{ name, slots, timeLimitSeconds: timeLimit }] : [],
  );
}

function readOptions(argv: readonly string[]): Options | undefined {
  const { values } = parse(argv);
  if (values.help) return undefined;
  return {
    jobs: count("--jobs", values.jobs),
    users: count("--users", values.users),
    pause: count("--pause", values.pause),
    seed: count("--seed", values.seed),
    site: values.site,
    json: values.json,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        help: { type: "boolean", short: "h", default: false },
        jobs: { type: "string", default: "100000" },
        users: { type: "string", default: "60" },
        pause: { type: "string", default: "14400" },
        seed: { type: "string", default: "1" },
        site: { type: "string", default: defaultSite },
        json: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UserError("USAGE", (error as Error).message, {
      hint: "--help shows the options",
      cause: error,
    });
  }
}

function count(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UserError("USAGE", `${option} is "${text}", not a whole number above 0`);
}
