import { exitCodes, type Reporter, UserError } from "@workstation/cli";
import { execa } from "execa";

const packages = ["mmdebstrap", "debian-archive-keyring"];
const instruction = `on Debian or Ubuntu: apt-get install ${packages.join(" ")}`;

/**
 * Makes sure that mmdebstrap is there: as root it is installed where apt-get is, which is said.
 * Throws `MMDEBSTRAP_MISSING`, which says what to install, where that cannot be done.
 */
export async function provideMmdebstrap(reporter: Reporter, signal: AbortSignal): Promise<void> {
  if (await answers("mmdebstrap")) return;
  if (process.getuid?.() !== 0) throw missing("installing it needs root");
  if (!(await answers("apt-get"))) throw missing("this system has no apt-get");
  await reporter.step(`Install what makes base images (apt-get install ${packages.join(" ")})`, async () => {
    try {
      await aptGet(["update", "-qq"], signal);
      await aptGet(["install", "-y", "-qq", ...packages], signal);
    } catch (error) {
      signal.throwIfAborted();
      throw missing(
        (error as { stderr?: string }).stderr?.trim().split("\n").at(-1) ?? "apt-get failed",
        error,
      );
    }
  });
}

async function answers(program: string): Promise<boolean> {
  const { code } = await execa(program, ["--version"], { reject: false, stdin: "ignore" });
  return code !== "ENOENT";
}

async function aptGet(args: readonly string[], signal: AbortSignal): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await execa("apt-get", args, { env, stdin: "ignore", cancelSignal: signal });
}

function missing(why: string, cause?: unknown): UserError {
  return new UserError(
    "MMDEBSTRAP_MISSING",
    `mmdebstrap, which makes base images, is not installed; ${why}`,
    {
      hint: instruction,
      exitCode: exitCodes.unavailable,
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
