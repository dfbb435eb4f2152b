import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { projectFolder } from "./setup/places.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bootstrap-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "scripts"));
  mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
  cpSync(join(import.meta.dirname, "bootstrap.mjs"), join(folder, "scripts/bootstrap.mjs"));
  writeFileSync(join(folder, "scripts/installed-tree.mjs"), "export const treeBelongsToLock = () => true;\n");
  symlinkSync(process.execPath, join(folder, "node_modules/.bin/node"));
  const { scripts } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", scripts }));
});

/** Says that it is there and what it hears, and ends with 7 at the first signal; of itself after a minute. */
const listening = `
for (const name of ["SIGTERM", "SIGINT", "SIGHUP"])
  process.on(name, () => { process.stdout.write(name); process.exitCode = 7; clearTimeout(minute); });
const minute = setTimeout(() => {}, 60_000);
process.stdout.write("child " + process.pid + "\\n");
`;

test.each([
  ["SIGTERM", "npm run", ["npm", "run", "--silent", "check"]],
  ["SIGINT", "npm run", ["npm", "run", "--silent", "check"]],
  // npm itself hands no hang-up on
  ["SIGHUP", "the bootstrap", ["node", "scripts/bootstrap.mjs", "check"]],
] as const)(
  "%s to %s alone ends the program, which is waited for",
  async (signal, _who, [command, ...words]) => {
    writeFileSync(join(folder, "scripts/check.ts"), listening);
    const started = spawn(command, words, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    started.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    await expect.poll(() => said, { timeout: 20_000 }).toMatch(/child \d+\n/);
    const child = Number(/child (\d+)/.exec(said)?.[1]);
    onTestFinished(() => void isAlive(child, "SIGKILL"));
    started.kill(signal);
    await once(started, "close");
    expect(said).toMatch(new RegExp(`^child \\d+\n${signal}$`));
    expect(isAlive(child)).toBe(false);
  },
  30_000,
);

function isAlive(pid: number, signal: 0 | "SIGKILL" = 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
