import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { exitCodes, UserError } from "@workstation/cli";
import { type DockerConnection, execInContainer, isBeyondLimits } from "@workstation/docker";

/** What opens a desktop. Undefined: none that could be shown. */
export interface Passwords {
  readonly vnc?: string;
  readonly ssh?: string;
}

/**
 * The first lines of files that a person names; what is not named, the desktop makes for itself.
 * Throws `PASSWORD_UNREADABLE` and `PASSWORD_INVALID`, which never repeat one.
 */
export function readPasswords(files: {
  readonly vnc: string | undefined;
  readonly ssh: string | undefined;
}): Passwords {
  const vnc = firstLine(files.vnc);
  const ssh = firstLine(files.ssh);
  if (vnc !== undefined && !/^[!-~]{8}$/.test(vnc)) {
    throw new UserError("PASSWORD_INVALID", `the VNC password in ${files.vnc} cannot be used`, {
      hint: "it has 8 printable ASCII characters: VNC looks at no more, and with less it could be guessed",
    });
  }
  if (ssh !== undefined && ssh.length < 8) {
    throw new UserError("PASSWORD_INVALID", `the SFTP password in ${files.ssh} is too short`, {
      hint: "it has at least 8 characters",
    });
  }
  return { ...(vnc === undefined ? {} : { vnc }), ...(ssh === undefined ? {} : { ssh }) };
}

/** The passwords as files of a container, by their names below `/run/secrets`. */
export function secretFiles({ vnc, ssh }: Passwords): Readonly<Record<string, string>> {
  return {
    ...(vnc === undefined ? {} : { "vnc-password": `${vnc}\n` }),
    ...(ssh === undefined ? {} : { "ssh-password": `${ssh}\n` }),
  };
}

/** The desktop takes ten seconds at most to make them. */
const limits = { limitMs: 30_000, outputLimitBytes: 4096 };

/** Those that the desktop made, which it shows once. Throws `PASSWORDS_NOT_SHOWN`. */
export async function askMadePasswords(
  docker: DockerConnection,
  id: string,
  signal: AbortSignal,
): Promise<Passwords> {
  const command = ["workstation-passwords"];
  try {
    const { exitCode, stdout, stderr } = await execInContainer(docker, id, { command, signal, ...limits });
    if (exitCode === 0) return parseMade(stdout);
    throw notShown(stderr.trim());
  } catch (error) {
    if (isBeyondLimits(error)) throw notShown(error.message);
    throw error;
  }
}

function notShown(why: string): UserError {
  return new UserError("PASSWORDS_NOT_SHOWN", `the desktop shows no password (${why})`, {
    hint: "name files with passwords of your own (--vnc-password-file, --ssh-password-file): then it is not asked",
    exitCode: exitCodes.failure,
  });
}

/**
 * A line each: `VNC <password>`, `SSH <password>`. The user's own programs could have written them: what is not printable
 * ASCII would steer the terminal that shows it.
 */
export function parseMade(text: string): Passwords {
  const find = (name: string): string | undefined => new RegExp(`^${name} ([!-~]+)$`, "m").exec(text)?.[1];
  const [vnc, ssh] = [find("VNC"), find("SSH")];
  return { ...(vnc === undefined ? {} : { vnc }), ...(ssh === undefined ? {} : { ssh }) };
}

const mostBytes = 4096;

function firstLine(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readStart(file).split(/\r?\n/, 1)[0] ?? "";
  } catch (cause) {
    const why = (cause as Error).message;
    throw new UserError("PASSWORD_UNREADABLE", `the password file ${file} cannot be read: ${why}`, { cause });
  }
}

/** Never waits: a FIFO is opened without waiting for who writes into it, and refused. */
function readStart(file: string): string {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error("it is no regular file");
    const start = Buffer.alloc(mostBytes);
    return start.toString("utf8", 0, readSync(descriptor, start));
  } finally {
    closeSync(descriptor);
  }
}
