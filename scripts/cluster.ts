import { parseArgs } from "node:util";
import {
  createReporter,
  exitCodes,
  formatDuration,
  type Reporter,
  runCommand,
  UserError,
} from "@workstation/cli";
import { type ClusterRun, clusterPlaces, makeRun } from "./cluster/cluster-run.ts";
import { bringImages, buildImages } from "./cluster/images.ts";
import { installChart } from "./cluster/install-chart.ts";
import { obtainPrograms, startKept } from "./cluster/kept.ts";
import { lookAround } from "./cluster/look-around.ts";
import { removeAll } from "./cluster/remove.ts";
import { makeUser } from "./cluster/user.ts";
import { ensureDockerEngine } from "./setup/docker-engine.ts";
import { makeDataset } from "./start/dataset.ts";
import { runExample } from "./start/job.ts";

/** What `npm run cluster` does, in order; every step finds out by itself whether its work is already done. */
const steps: readonly {
  readonly title: string;
  readonly run: (run: ClusterRun, reporter: Reporter) => Promise<void>;
}[] = [
  { title: "Docker Engine", run: (run, reporter) => ensureDockerEngine(reporter, run.localFolder) },
  { title: "Programs of a cluster", run: obtainPrograms },
  { title: "Images", run: buildImages },
  { title: "Cluster", run: startKept },
  { title: "Images in the cluster", run: bringImages },
  { title: "Synthetic dataset", run: makeDataset },
  { title: "Chart", run: installChart },
  { title: "User", run: makeUser },
];

/** From a fresh clone to the result of a job in a pod. Ends with the job's own exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const { help, verb, folder } = readArguments(argv);
  const reporter = createReporter(process.stderr);
  if (help) {
    process.stdout.write(usage);
    return exitCodes.ok;
  }
  const places = clusterPlaces(folder);
  if (verb === "stop") return removeAll(places, reporter);
  const run = makeRun(places);
  const started = performance.now();
  for (const step of steps) await reporter.step(step.title, (inner) => step.run(run, inner));
  const job = await runExample(run, reporter);
  await run.jobman(["list"]);
  const took = formatDuration((performance.now() - started) / 1000);
  for (const line of lookAround(run, { job, took, folder })) reporter.info(line);
  return job.exitCode;
}

function readArguments(argv: readonly string[]) {
  try {
    const options = { help: { type: "boolean", short: "h" }, folder: { type: "string" } } as const;
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    const [verb, ...more] = positionals;
    const unknown = verb === undefined || verb === "stop" ? more[0] : verb;
    if (unknown !== undefined) throw new Error(`"${unknown}" is no word of it`);
    return { help: values.help === true, verb, folder: values.folder };
  } catch (cause) {
    throw new UserError("OPTION_UNKNOWN", (cause as Error).message.split(". ")[0] ?? "", {
      hint: "npm run cluster -- --help",
      exitCode: exitCodes.usage,
      cause,
    });
  }
}

const usage = `npm run cluster [-- --folder DIR]
npm run cluster -- stop [--folder DIR]

Brings up a real Kubernetes cluster on this machine (control plane and one node), installs the queue's chart on it, makes
a user and runs the example job there through the scheduler. A second run does nothing twice but the job. It needs
root, Docker and, the first time, Go, which builds its programs. It stays until it is stopped; then everything of
it is gone, the user's home too.
`;

process.exitCode = await runCommand(() => main(process.argv.slice(2)), process.stderr);
