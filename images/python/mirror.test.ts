import { runInImage, shellInImage } from "@workstation/images/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Mirror, startMirror } from "./mirror/start-mirror.ts";

let mirror: Mirror;

beforeAll(async () => {
  mirror = await startMirror();
});

afterAll(() => mirror?.remove());

const ways: Readonly<Record<string, string>> = {
  "pip, for the user": "pip install -q workstation-probe && python3 -m workstation_probe",
  "pip in a fresh virtual environment":
    "python3 -m venv /tmp/venv && /tmp/venv/bin/pip install -q workstation-probe && /tmp/venv/bin/python -m workstation_probe",
  "uv in a virtual environment":
    "uv venv -q /tmp/venv && uv pip install -q --python /tmp/venv/bin/python workstation-probe && /tmp/venv/bin/python -m workstation_probe",
  "uv in a project":
    "cd /tmp && uv init -q --bare --name study && uv add -q workstation-probe && uv run -q python -m workstation_probe",
  poetry:
    "cd /tmp && poetry init -q -n --name study && poetry add -q workstation-probe && poetry run python -m workstation_probe",
};

test.each(Object.entries(ways))(
  "%s installs a package and what it needs from the mirror",
  async (_way, line) => {
    const { exitCode, stdout, stderr } = await shellInImage(line, { network: mirror.network });
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toBe("workstation-probe works\n");
  },
);

test("init.sh installs a package for the command that follows", async () => {
  const line =
    "echo 'pip install -q workstation-probe' > ~/persistent-home/init.sh && exec /usr/local/lib/workstation/entrypoint python3 -m workstation_probe";
  const { exitCode, stdout, stderr } = await shellInImage(line, { network: mirror.network });
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toBe("workstation-probe works\n");
});

test("a package that the mirror does not have is refused by name", async () => {
  const { exitCode, stderr } = await runInImage(["pip", "install", "workstation-absent"], {
    network: mirror.network,
  });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("No matching distribution found for workstation-absent");
});
