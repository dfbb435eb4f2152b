import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, type TestContext, test } from "vitest";
import { type ContainerOptions, paths, shellInImage, site } from "../container.ts";

const ofGroup0 = { uid: 12_345, gid: 0 };
const ofOwnGroup = { uid: 12_345, gid: 23_456 };

/** All of it without network, capabilities, new privileges and with a read-only root: `runInImage` gives no less. */
const rows: Readonly<Record<string, ContainerOptions>> = {
  "the site's user": {},
  "the site's user, with an empty volume as home": { emptyHome: true },
  "an arbitrary uid of group 0": ofGroup0,
  "an arbitrary uid of group 0, with an empty volume as home": { ...ofGroup0, emptyHome: true },
  "an arbitrary uid of a group of its own": ofOwnGroup,
  "an arbitrary uid of a group of its own, with an empty volume as home": { ...ofOwnGroup, emptyHome: true },
};

describe.concurrent.each(Object.entries(rows))("a hardened container of %s", (_row, options) => {
  test("is as hard as it claims: no network, no capability, no new privileges, a root that nobody writes", async () => {
    const { stdout } = await shellInImage(
      "ls /sys/class/net; grep -E '^(CapEff|CapPrm|NoNewPrivs|Seccomp):' /proc/self/status | tr -d '\\t'; touch /usr/x /etc/x 2>&1 | grep -c 'Read-only'",
      options,
    );
    expect(stdout.trim().split("\n")).toEqual([
      "lo",
      "CapPrm:0000000000000000",
      "CapEff:0000000000000000",
      "NoNewPrivs:1",
      "Seccomp:2",
      "2",
    ]);
  });

  test("starts in the user's home, under the user's name", async () => {
    const ended = await shellInImage(
      "whoami; echo $HOME; pwd; id -u; id -G; [ -w ~ ] && [ -w /tmp ] && [ -w $WORKSTATION_RUN ]",
      options,
    );
    expect(ended.exitCode, ended.stderr).toBe(0);
    expect(ended.stdout.split("\n")).toEqual([
      site.user.name,
      paths.home,
      paths.home,
      String(options.uid ?? site.user.uid),
      String(options.gid ?? site.user.gid),
      "",
    ]);
  });

  test("runs init.sh before the command, and hands on its variables", async (context) => {
    const folder = await persistentHome(context, 'echo "HANDED=over $(id -un)" >>"$WORKSTATION_ENV"\n');
    const ended = await shellInImage('workstation-init-status; echo "$HANDED"', {
      ...options,
      binds: [{ source: folder, target: paths.persistentHome, readOnly: false }],
    });
    expect(ended.stdout, ended.stderr).toBe(`healthy\nover ${site.user.name}\n`);
  });

  test("computes with the Python libraries", async () => {
    const ended = await shellInImage(
      "python3 -c 'import numpy, pandas; print(int(numpy.arange(5).sum()), len(pandas.DataFrame({\"a\": [1]})))'",
      options,
    );
    expect(ended.stdout, ended.stderr).toBe("10 1\n");
  });

  test("has pip and uv configured for the site's mirror, and installs a wheel for the user", async () => {
    const ended = await shellInImage(
      [
        "pip config list | grep ^global.index-url",
        `python3 -c '${makeWheel}'`,
        "pip install -q --no-index /tmp/probe-1.0-py3-none-any.whl",
        "probe",
        "grep -c index-url /etc/uv/uv.toml",
      ].join(" && "),
      options,
    );
    expect(ended.stdout, ended.stderr).toBe(
      `global.index-url='${site.mirrors.pypi.indexUrl}'\nfrom ${paths.home}/.local\n1\n`,
    );
  });
});

/** Writes a wheel whose program `probe` says where it was installed. */
const makeWheel = `
import zipfile
info = "probe-1.0.dist-info/"
with zipfile.ZipFile("/tmp/probe-1.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("probe.py", "import site, sys\\ndef main():\\n    print(\\"from\\", sys.argv[0].rsplit(\\"/bin/\\", 1)[0])\\n")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: probe\\nVersion: 1.0\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "entry_points.txt", "[console_scripts]\\nprobe = probe:main\\n")
    wheel.writestr(info + "RECORD", "")
`;

async function persistentHome({ onTestFinished }: TestContext, initScript: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "workstation-image-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "init.sh"), initScript);
  await chmod(folder, 0o777);
  return folder;
}
