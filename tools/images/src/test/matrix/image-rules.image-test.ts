import { imageHistory } from "@workstation/docker";
import { expect, test } from "vitest";
import { connection, imageDetails, imageUnderTest, runInImage } from "../container.ts";

/** Looks at the whole file system: as root, which still has no capability. */
function findInImage(line: string) {
  return runInImage(["-c", line], { uid: 0, gid: 0, entrypoint: ["/bin/sh"] });
}

test("CIS 4.1: the image's user is not root", async () => {
  const { user } = await imageDetails();
  expect(user).toMatch(/^[1-9]\d*(:\d+)?$/);
});

test("CIS 4.3: no compiler, and no program that opens a door to the network", async () => {
  const { stdout } = await findInImage("command -v gcc cc make telnet nc ncat socat");
  expect(stdout).toBe("");
});

test("CIS 4.6: an image that offers a service has a health check", async () => {
  const { ports, healthcheck } = await imageDetails();
  if (ports.length > 0) expect(healthcheck).toBeDefined();
  else expect(healthcheck).toBeUndefined();
});

test("CIS 4.8: no file makes its caller another user or group", async () => {
  const { stdout, stderr } = await findInImage("find / -xdev -type f -perm /6000");
  expect(stdout, stderr).toBe("");
});

test("CIS 4.9: nothing was put in by ADD", async () => {
  const history = await imageHistory(await connection(), imageUnderTest());
  expect(history.filter((entry) => /^(\/bin\/sh -c #\(nop\) )?ADD /.test(entry.createdBy))).toEqual([]);
});

test("CIS 4.10: no name in the image's environment or history looks like a secret", async () => {
  const { environment } = await imageDetails();
  const history = await imageHistory(await connection(), imageUnderTest());
  const secret = /(pass(word|wd)|secret|token|api_?key|credential)\w*["']?\s*[=:]/i;
  expect(environment.filter((pair) => secret.test(pair))).toEqual([]);
  expect(history.map((entry) => entry.createdBy).filter((line) => secret.test(line))).toEqual([]);
});

test("no account has a password", async () => {
  const { stdout, exitCode } = await findInImage("cut -d: -f1,2 /etc/shadow");
  expect(exitCode).toBe(0);
  expect(
    stdout
      .trim()
      .split("\n")
      .filter((line) => !/:[!*]+$/.test(line)),
  ).toEqual([]);
});

test("no private key lies in the image", async () => {
  const { stdout } = await findInImage(
    "grep -rlE -e '^-----BEGIN [A-Z ]*PRIVATE KEY-----$' /etc /home /root /opt /srv /var /usr/local/share /usr/local/lib/workstation 2>/dev/null",
  );
  expect(stdout).toBe("");
});

test("no package cache and no log of the build is left", async () => {
  const { stdout } = await findInImage(
    "find /var/lib/apt/lists /var/cache/apt /var/log /root/.cache /home/*/.cache /tmp /var/tmp /srv /media -type f -size +0 2>/dev/null",
  );
  expect(stdout).toBe("");
});

test("nothing of the machine that built it is left: authorities, index, name", async () => {
  const { stdout } = await findInImage(
    [
      "find /usr/local/share/ca-certificates -type f",
      "trusted=$(grep -c BEGIN /etc/ssl/certs/ca-certificates.crt)",
      "known=$(find /usr/share/ca-certificates -name '*.crt' | wc -l)",
      "[ $trusted -le $known ] || echo $trusted authorities are trusted, $known are known",
      // Docker mounts its own hostname, hosts and resolv.conf over those of the image.
      "[ ! -e /etc/machine-id ] || [ ! -s /etc/machine-id ] || cat /etc/machine-id",
    ].join("\n"),
  );
  expect(stdout).toBe("");
});

test("the build's own package index is in no configuration and no installed package", async () => {
  const index = process.env.UV_DEFAULT_INDEX ?? process.env.PIP_INDEX_URL;
  const { stdout } = await findInImage(
    `grep -rlF ${shellWord(hostOf(index))} /etc /opt/tools /usr/local/lib --include='*.json' --include='*.conf' --include='*.toml' --include='*.env'`,
  );
  expect(stdout).toBe("");
});

function hostOf(index: string | undefined): string {
  return index === undefined ? "no-index-was-given.invalid" : new URL(index).host;
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
