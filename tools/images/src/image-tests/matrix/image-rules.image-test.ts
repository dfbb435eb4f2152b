import { imageHistory } from "@workstation/docker";
import { expect, test } from "vitest";
import { connection, imageDetails, imageUnderTest, runInImage, site } from "../container.ts";

/** What a line of shell prints that looks at the whole file system: as root, which still has no capability. */
async function lookInImage(line: string): Promise<readonly string[]> {
  const options = { uid: 0, gid: 0, entrypoint: ["/bin/sh"] };
  const { stdout, stderr } = await runInImage(["-c", `${line}\necho looked`], options);
  const lines = stdout.trimEnd().split("\n");
  expect(lines.at(-1), stderr).toBe("looked");
  return lines.slice(0, -1);
}

test("CIS 4.1: the image's user is not root", async () => {
  const { user } = await imageDetails();
  expect(user).toMatch(/^[1-9]\d*(:\d+)?$/);
});

/** Layers that bring a compiler, and what for. */
const compilerOf: Readonly<Record<string, string>> = {
  pytorch: "torch.compile writes C++ and has it compiled",
};

test("CIS 4.3: no compiler without a reason, and no program that opens a door to the network", async () => {
  const layers = (process.env.WORKSTATION_IMAGE_LAYERS ?? "").split(" ");
  const compilers = layers.some((layer) => layer in compilerOf) ? "" : "gcc cc g++ c++";
  expect(await lookInImage(`command -v ${compilers} make telnet nc ncat socat`)).toEqual([]);
});

test("CIS 4.6: an image that offers a service has a health check", async () => {
  const { ports, healthcheck } = await imageDetails();
  if (ports.length > 0) expect(healthcheck).toBeDefined();
  else expect(healthcheck).toBeUndefined();
});

test("CIS 4.8: no file makes its caller another user or group", async () => {
  expect(await lookInImage("find / -xdev -type f -perm /6000")).toEqual([]);
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
  const accounts = await lookInImage("cut -d: -f1,2 /etc/shadow");
  expect(accounts.length).toBeGreaterThan(1);
  expect(accounts.filter((line) => !/:[!*]+$/.test(line))).toEqual([]);
});

test("no private key lies in the image", async () => {
  const found = await lookInImage(
    "grep -rIlE -e '^-----BEGIN [A-Z ]*PRIVATE KEY-----$' /etc /home /root /opt /srv /var /usr/local/share /usr/local/lib/workstation 2>/dev/null",
  );
  expect(found).toEqual([]);
});

test("no package cache and no log of the build is left", async () => {
  const found = await lookInImage(
    "find /var/lib/apt/lists /var/cache/apt /var/log /root/.cache /home/*/.cache /tmp /var/tmp /srv /media -type f -size +0 2>/dev/null",
  );
  expect(found).toEqual([]);
});

test("the image trusts no authority of the machine that built it, and does not bear its id", async () => {
  const found = await lookInImage(
    [
      "find /usr/local/share/ca-certificates -type f",
      "trusted=$(grep -c BEGIN /etc/ssl/certs/ca-certificates.crt)",
      "known=$(find /usr/share/ca-certificates -name '*.crt' | wc -l)",
      "[ $trusted -le $known ] || echo $trusted authorities are trusted, $known are known",
      "[ ! -e /etc/machine-id ] || [ ! -s /etc/machine-id ] || cat /etc/machine-id",
    ].join("\n"),
  );
  expect(found).toEqual([]);
});

test("the site's mirror is the only package index that a configuration or an installed package's origin names", async () => {
  const names = ["pip.conf", "uv.toml", "uv-receipt.toml", "direct_url.json", ".npmrc", ".pypirc", ".netrc"];
  const named = names.map((name) => `-name ${name}`).join(" -o ");
  const files = `find / -xdev -type f \\( ${named} -o -path '/etc/environment' -o -path '*/pypoetry/*.toml' \\)`;
  const found = await lookInImage(`${files} -exec grep -hoE 'https?://[^/" ]+' {} + | sort -u`);
  // It must be found itself: else nothing was looked at.
  expect(found).toEqual([new URL(site.mirrors.pypi.indexUrl).origin]);
});
