import type { OptionSpecification } from "../arguments/specification.ts";
import type { Command } from "./command.ts";

const jobName: OptionSpecification = {
  long: "job-name",
  short: "j",
  value: "NAME",
  summary: "the job; its bare name does as well",
};
const image: OptionSpecification = { long: "image", short: "i", value: "NAME[:TAG]", summary: "the image" };

/** Options that every command takes, before or behind its name. */
export const commonOptions: readonly OptionSpecification[] = [
  { long: "output", short: "o", value: "FORMAT", summary: "table, wide, json, yaml or name" },
  { long: "json", summary: "the same as -o json" },
  { long: "quiet", short: "q", summary: "only the data: no headings, hints or states" },
  { long: "settings", short: "s", value: "FILE", summary: "a settings file of the tool before this one" },
  { long: "help", short: "h", summary: "this help" },
];

/** The commands, in the order of the help. A new one is one file beside this and one entry here. */
export const commands: readonly Command[] = [
  {
    name: "images",
    summary: "the images that jobs can run in",
    usage: ["images"],
    operands: "none",
    options: [],
    load: () => import("./images.ts"),
  },
  {
    name: "image-details",
    summary: "what an image holds",
    usage: ["image-details -i ubuntu-python", "image-details ubuntu-python:latest-cuda"],
    operands: "one",
    options: [{ ...image, summary: "the image; its bare name does as well" }],
    load: () => import("./image-details.ts"),
  },
  {
    name: "submit",
    summary: "put a job into the queue",
    usage: [
      "submit -i ubuntu-python -j job1 -r no-gpu -- python persistent-home/myScript.py",
      'submit -- "cd persistent-home && python train.py"',
      "submit --wait -r small-gpu -i ubuntu-python:latest-cuda -- nvidia-smi",
    ],
    operands: "rest",
    options: [
      { ...image, summary: "the image; without a tag latest, without the option the site's default" },
      { ...jobName, summary: "the job's name; without it job- and 8 characters" },
      {
        long: "resources-flavor",
        short: "r",
        value: "FLAVOR",
        summary: "see jobman resources-flavors; without it the site's default",
      },
      {
        long: "command",
        short: "c",
        summary: "run the arguments exactly as they are, in place of the image's own rule",
      },
      {
        long: "env",
        short: "e",
        value: "NAME[=VALUE]",
        repeatable: true,
        summary: "an environment variable; without =VALUE your own one's value; repeatable",
      },
      {
        long: "env-file",
        value: "FILE",
        repeatable: true,
        summary: "environment variables as NAME=VALUE lines; repeatable",
      },
      { long: "annotations", short: "a", value: "JSON", summary: "labels of your own, as a JSON object" },
      {
        long: "datasets",
        value: "ID,ID",
        summary: "datasets to mount; without it $DATASETS_LIST, else all that you were granted",
      },
      { long: "wait", summary: "follow the job to its end; the exit code is the job's" },
      { long: "timeout", value: "TIME", summary: "with --wait: stop waiting after e.g. 90m (exit code 124)" },
      { long: "dry-run", summary: "show what would run, and submit nothing" },
    ],
    notes: [
      "Everything behind the first -- reaches the job as it was typed. One argument with blanks or shell characters is run by a shell; several are run as they are.",
      "Whoever has an account here can read a command line: give secrets with -e NAME or --env-file, not with -e NAME=VALUE.",
      "Ctrl-C while waiting leaves the job in the queue and says how to follow or delete it.",
    ],
    load: () => import("./submit.ts"),
  },
  {
    name: "list",
    summary: "your jobs, also those that ended",
    usage: ["list", "list --active -o json"],
    operands: "none",
    options: [
      { long: "active", summary: "only jobs that wait or run" },
      { long: "ended", summary: "only jobs that ended" },
    ],
    load: () => import("./list.ts"),
  },
  {
    name: "logs",
    summary: "what a job wrote",
    usage: ["logs -j job1", "logs -f job1"],
    operands: "one",
    options: [
      jobName,
      {
        long: "follow",
        short: "f",
        summary: "wait through queue and run, to the end; the exit code is the job's",
      },
      {
        long: "timeout",
        value: "TIME",
        summary: "with --follow: stop following after e.g. 90m (exit code 124)",
      },
    ],
    load: () => import("./logs.ts"),
  },
  {
    name: "delete",
    summary: "stop a job, or remove the record of one that ended",
    usage: ["delete -j job1", "delete --all"],
    operands: "one",
    options: [jobName, { long: "all", summary: "all your jobs; of those that ended, records and outputs" }],
    load: () => import("./delete.ts"),
  },
  {
    name: "queue",
    summary: "who waits and runs, flavor by flavor, without names",
    usage: ["queue", "queue -o json"],
    operands: "none",
    options: [],
    load: () => import("./queue.ts"),
  },
  {
    name: "details",
    summary: "everything about one job",
    usage: ["details -j job1", "details job1 -o yaml"],
    operands: "one",
    options: [jobName],
    load: () => import("./details.ts"),
  },
  {
    name: "resources-flavors",
    summary: "what a job can ask for, and how much of it is free",
    usage: ["resources-flavors"],
    operands: "none",
    options: [],
    load: () => import("./resources-flavors.ts"),
  },
];

/** Finds a command by its name in any case; `log` is the old name of `logs`. */
export function findCommand(word: string): Command | undefined {
  const lower = word.toLowerCase();
  const name = lower === "log" ? "logs" : lower;
  return commands.find((each) => each.name === name);
}
