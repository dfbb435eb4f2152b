import { createReporter, exitCodes, formatDuration, type Reporter, runCommand } from "@workstation/cli";
import { readFamily } from "../tools/images/src/family/read-family.ts";
import { shellWord } from "../tools/images/src/run/again-command.ts";
import { ensureDockerEngine } from "./setup/docker-engine.ts";
import { projectFolder } from "./setup/places.ts";
import { makeContext, type StartContext } from "./start/context.ts";
import { makeDataset } from "./start/dataset.ts";
import { buildImage } from "./start/image.ts";
import { runExample } from "./start/job.ts";
import { type PlaceOptions, readOptions, repeatPlaces } from "./start/read-options.ts";
import { registerUser, startScheduler } from "./start/scheduler.ts";

/** What `npm start` does, in order; every step finds out by itself whether its work is already done. */
const steps: readonly {
  readonly title: string;
  readonly run: (context: StartContext, reporter: Reporter) => Promise<void>;
}[] = [
  { title: "Docker Engine", run: (context, reporter) => ensureDockerEngine(reporter, context.localFolder) },
  { title: "Workstation image", run: buildImage },
  { title: "Scheduler", run: startScheduler },
  { title: "User", run: registerUser },
  { title: "Synthetic dataset", run: makeDataset },
];

/** `npm start`: from a fresh clone to a job's result. Ends with the job's own exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const values = readOptions(argv);
  if (values.help === true) {
    process.stdout.write(usage);
    return exitCodes.ok;
  }
  const context = makeContext(values);
  const reporter = createReporter(process.stderr);
  const times: { readonly title: string; readonly seconds: number }[] = [];
  const timed = async <T>(title: string, work: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await work();
    times.push({ title, seconds: (performance.now() - started) / 1000 });
    return result;
  };
  for (const step of steps) {
    await timed(step.title, () => reporter.step(step.title, (inner) => step.run(context, inner)));
  }
  const job = await timed("Job", () => runExample(context, reporter));
  await conclude(context, { job, times, reporter, values });
  return job.exitCode;
}

async function conclude(
  context: StartContext,
  told: {
    readonly job: Awaited<ReturnType<typeof runExample>>;
    readonly times: readonly { readonly title: string; readonly seconds: number }[];
    readonly reporter: Reporter;
    readonly values: PlaceOptions;
  },
): Promise<void> {
  await context.jobman(["list"]);
  const places = repeatPlaces(told.values);
  const jobman = `${places === "" ? "" : `JOBMAN_SOCKET=${shellWord(context.socket)} `}npm run --silent jobman --`;
  const lines = [
    "",
    `image     ${context.image}`,
    `job       ${told.job.name}: exit ${told.job.exitCode}`,
    `result    ${told.job.result}`,
    ...told.times.map((each) => `${each.title.padEnd(20)} ${formatDuration(each.seconds)}`),
    "",
    `The scheduler keeps running; npm stop${places === "" ? "" : ` --${places}`} stops it. Try next:`,
    `  ${jobman} resources-flavors`,
    `  ${jobman} submit --wait -- python -c 'import pydicom; print(pydicom.__version__)'`,
    ...(await desktopOffer(told.values)),
    `  edit ${context.initFile} and submit again: it runs before every job`,
  ];
  for (const line of lines) told.reporter.info(line);
}

/** The fullest desktop of the family, of those that need no package index of their own: it may be out of reach. */
async function desktopOffer({ state, run }: PlaceOptions): Promise<readonly string[]> {
  const desktop = (await readFamily(projectFolder)).findLast(
    ({ kind, layers, variant }) => kind === "desktop" && layers.every(({ indexes }) => !indexes?.[variant]),
  );
  if (desktop === undefined) return [];
  return [
    `  npm run images -- build ${desktop.name} && npm run images -- run ${desktop.name} --web${repeatPlaces({ state, run })}`,
    "    your own desktop in the browser, from which jobman sends jobs (the first build takes half an hour)",
  ];
}

const usage = `npm start [-- --state DIR --run DIR --instance NAME]

Sets up Docker, builds and tests the image, starts the scheduler, makes a synthetic dataset, runs the example job on it
and shows its result. A second run does nothing twice; while a job of yours is active it attaches to that one.
`;

process.exitCode = await runCommand(() => main(process.argv.slice(2)), process.stderr);
