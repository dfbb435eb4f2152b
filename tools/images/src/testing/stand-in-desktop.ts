import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, connectDocker, packFiles, removeImage } from "@workstation/docker";
import { execa } from "execa";
import { afterAll, beforeAll, onTestFinished } from "vitest";

/**
 * A desktop as far as `images run` knows one: its kind, its health check, its passwords and its end. What a person sees of
 * a real one is looked at in the tests of its layer.
 */
const standIn = `FROM workstation-base:debian-12
COPY --chmod=755 bin/ /usr/local/bin/
ENV WORKSTATION_KIND=desktop
EXPOSE 5900 2222
HEALTHCHECK CMD ["workstation-health"]
CMD ["start-desktop"]
`;
const programs: Readonly<Record<string, string>> = {
  "start-desktop": `trap 'exit 0' TERM
[ ! -e /run/secrets/vnc-password ] || cat /run/secrets/vnc-password >/run/workstation/given
[ "$(cat ~/persistent-home/mood 2>/dev/null)" != bad ] || { echo "no screen"; exit 3; }
[ "$(cat ~/persistent-home/mood 2>/dev/null)" != slow ] || exec sleep 600
touch /run/workstation/up; while [ -e /run/workstation/up ]; do sleep 0.1; done`,
  "workstation-health": "[ -e /run/workstation/up ] || { echo unhealthy: not up yet; exit 1; }",
  "workstation-passwords": `[ "$(cat ~/persistent-home/mood 2>/dev/null)" != silent ] || exec tail -f /dev/null
[ -e /run/workstation/given ] || echo VNC made-vnc; echo SSH made-ssh-password`,
};

const entry = join(import.meta.dirname, "../../bin/images.js");

/** For the tests of a file: the image of such a desktop, a state with its users, and the real command; all goes after them. */
export function useStandInDesktop() {
  const unique = `images-run-${randomBytes(4).toString("hex")}`;
  const image = `${unique}:1`;
  const folder = mkdtempSync(join(tmpdir(), "workstation-run-"));
  const places = ["--state", join(folder, "state"), "--run", join(folder, "run")];
  beforeAll(() => buildStandIn(image), 300_000);
  afterAll(async () => {
    await removeImage(await connectDocker(), image);
    rmSync(folder, { recursive: true });
  });
  return {
    /** Begins the name of every container. */
    unique,
    image,
    folder,
    places,
    addUser: (name: string, uid: number, mood = "good") => addUser(folder, { name, uid, mood }),
    /** Runs it; a container that it leaves is removed after the test. */
    start(name: string, ...words: readonly string[]) {
      removeAfterTest(name);
      return run(image, "--name", name, ...places, ...words);
    },
  };
}

/** `images run`, with these words. */
export function run(...words: readonly string[]) {
  return execa(process.execPath, runLine(...words).slice(1), { reject: false });
}

/** The same as it is typed: the program and its arguments. */
export function runLine(...words: readonly string[]): readonly string[] {
  return [process.execPath, entry, "run", ...words];
}

export function removeAfterTest(name: string): void {
  onTestFinished(async () => {
    await run("--stop", name);
  });
}

async function buildStandIn(image: string): Promise<void> {
  const scripts = Object.entries(programs).map(([name, text]) => ({
    path: `bin/${name}`,
    mode: 0o755,
    content: Buffer.from(`#!/bin/bash\n${text}\n`),
  }));
  const context = packFiles([{ path: "Dockerfile", mode: 0o644, content: Buffer.from(standIn) }, ...scripts]);
  // A label of its own makes it another image than one that is built of the same files at the same time.
  const labels = { "workstation.test-run": image };
  await buildImage(await connectDocker(), { context, tags: [image], labels, buildArguments: {} });
}

function addUser(
  folder: string,
  { name, uid, mood }: { readonly name: string; readonly uid: number; readonly mood: string },
): void {
  const home = join(folder, "state/users", name, "persistent-home");
  mkdirSync(home, { recursive: true });
  mkdirSync(join(folder, "state/persistent-shared-folder"), { recursive: true });
  writeFileSync(join(home, "mood"), mood);
  writeFileSync(
    join(folder, "state/users", name, "user.json"),
    JSON.stringify({ uid, gid: uid, datasets: [] }),
  );
}
