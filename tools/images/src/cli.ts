import { fileURLToPath } from "node:url";
import { createReporter, exitCodes, runCommand, type TextSink, UserError } from "@workstation/cli";
import { Command, CommanderError } from "commander";
import { listenForEnd } from "./interruption.ts";
import { commands } from "./verbs/table.ts";
import { failureText, Unfinished } from "./verbs/verb.ts";
import { type Io, openWorkspace } from "./workspace/workspace.ts";

const projectFolder = fileURLToPath(new URL("../../..", import.meta.url));

/** The `images` command: runs one of its verbs and returns the exit code. */
export async function main(
  argv: readonly string[],
  streams: { readonly stdout: TextSink; readonly stderr: TextSink } = process,
  root: string = projectFolder,
): Promise<number> {
  const interruption = listenForEnd(process);
  try {
    const io = {
      stdout: streams.stdout,
      reporter: createReporter(streams.stderr),
      root,
      signal: interruption.signal,
    };
    return await runCommand(() => runVerb(argv, io, streams.stderr), streams.stderr);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    return exitCodes.detached;
  } finally {
    interruption.stopListening();
  }
}

async function runVerb(argv: readonly string[], io: Io, stderr: TextSink): Promise<number | undefined> {
  let code: number | undefined;
  const program = new Command("images")
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => stderr.write(text),
    })
    .exitOverride();
  await describeVerbs(program, { argv, io }, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (thrown) {
    const { error, answer } = takeApart(thrown);
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
    if (wantsJson(argv)) io.stdout.write(failureText(asUserError(error, io), answer));
    if (error instanceof CommanderError) return exitCodes.usage;
    if (!io.signal.aborted) throw error;
    io.reporter.warn("interrupted; what was finished is kept, and the same command carries on from there");
    return exitCodes.detached;
  }
}

/** Also where the command line is so wrong that no verb could read it; what follows `--` is another program's. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).includes("--json");
}

function takeApart(thrown: unknown) {
  if (thrown instanceof Unfinished) return { error: thrown.cause, answer: thrown.answer };
  return { error: thrown, answer: {} };
}

function asUserError(error: unknown, { signal }: Io): unknown {
  if (signal.aborted)
    return new UserError("INTERRUPTED", "interrupted", { hint: "the same command carries on" });
  if (!(error instanceof CommanderError)) return error;
  return new UserError("USAGE", error.message.replace(/^error: /, ""), { hint: "see `images help`" });
}

/** Only the verb that is asked for is loaded; the others are known by their line of the table. */
async function describeVerbs(
  program: Command,
  { argv, io }: { readonly argv: readonly string[]; readonly io: Io },
  finish: (code: number | undefined) => void,
): Promise<void> {
  program
    .description("Builds, tests and describes the family of images")
    .option(...siteOption)
    .showHelpAfterError("(see `images help`)");
  const wanted = argv.find((argument) => Object.hasOwn(commands, argument));
  for (const [name, entry] of Object.entries(commands)) {
    const command = program.command(name).description(entry.summary);
    if (name !== wanted) continue;
    const run = (await entry.load()).describe(command.option(...siteOption));
    command.action(async (...given: unknown[]) => {
      const options = command.optsWithGlobals() as Record<string, unknown> & { site?: string };
      finish(await run(openWorkspace(io, options.site), { ...options, names: namesOf(given), argv }));
    });
  }
}

const siteOption = [
  "--site <file>",
  "the site's facts (default: site.yaml in the project's folder)",
] as const;

/** The verb's arguments; what follows them is commander's own (the options and the command). */
function namesOf(actionArguments: readonly unknown[]): readonly string[] {
  return actionArguments
    .slice(0, -2)
    .flat()
    .filter((argument) => typeof argument === "string");
}
