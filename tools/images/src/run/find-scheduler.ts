import { existsSync } from "node:fs";
import { createConnection } from "node:net";
import { userSocket } from "@workstation/site";

/**
 * Whether a scheduler serves a user of this machine. `folder`: there is the folder that a desktop is given, so that a
 * scheduler which starts later is found by it, too.
 */
export interface SchedulerHere {
  readonly folder: boolean;
  readonly answers: boolean;
}

export async function findScheduler(run: string, user: string): Promise<SchedulerHere> {
  const { folder, socket } = userSocket(run, user);
  return { folder: existsSync(folder), answers: await accepts(socket) };
}

/** An answer comes at once or not at all: it is the kernel's. */
function accepts(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    const say = (answer: boolean) => () => {
      connection.destroy();
      resolve(answer);
    };
    connection.once("connect", say(true)).once("error", say(false));
  });
}
