import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buildImage, connectDocker, type DockerConnection, saveImage } from "@workstation/docker";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { readPlan } from "../plan/read-plan.ts";
import { type BuildMachine, contextFiles, packContext } from "../recipe/pack-context.ts";
import type { TestProject } from "../testing/project.ts";
import { makeSmallFamily } from "../testing/small-family.ts";
import { testAuthority } from "../testing/test-authority.ts";

let docker: DockerConnection;
let project: TestProject;

beforeAll(async () => {
  docker = await connectDocker();
});

beforeEach(() => {
  project = makeSmallFamily();
});

afterEach(() => project.remove(docker));

/** Builds the lowest image on a machine with these peculiarities; returns its content tag, and what its steps printed. */
async function build(machine: BuildMachine) {
  const [planned] = await readPlan(docker, project.workspace(), { names: ["ubuntu-a"] });
  if (planned === undefined) throw new Error("nothing is planned");
  const { content, recipe, parent } = planned;
  const context = packContext(contextFiles(recipe, machine));
  return {
    content,
    printed: await printedBy(context, { tags: [content], buildArguments: { PARENT: parent } }),
  };
}

async function printedBy(
  context: Readable,
  given: { readonly tags: readonly string[]; readonly buildArguments: Readonly<Record<string, string>> },
): Promise<string> {
  let text = "";
  await buildImage(docker, {
    context,
    labels: {},
    noCache: true,
    ...given,
    onEvent: (event) => {
      if (event.type === "output") text += event.text;
    },
  });
  return text;
}

test("steps see the build machine's authorities and index, and nothing of them stays", async () => {
  const authority = `AUTHORITY-${project.prefix}`;
  const indexUrl = `https://index-${project.prefix.slice(0, -1)}.invalid/simple`;
  const check = '[ -s "$SSL_CERT_FILE" ] && [ "$PIP_CERT" = /srv/ca.crt ] && [ -n "$UV_DEFAULT_INDEX" ]';
  project.write("images/a/setup.sh", `#!/bin/sh\n${check}\n`);
  const { content } = await build({ authorities: Buffer.from(authority), indexUrl });
  const saved = Buffer.concat(await Array.fromAsync(await saveImage(docker, content)));
  expect(saved.length).toBeGreaterThan(1e6);
  for (const secret of [authority, new URL(indexUrl).host]) expect(saved.includes(secret)).toBe(false);
});

test("a site that says so keeps the build machine's authorities, but not those everyone knows", async () => {
  const site = readFileSync(join(project.root, "site.yaml"), "utf8");
  project.write("site.yaml", site.replace("keepBuildCertificates: false", "keepBuildCertificates: true"));
  project.write(
    "images/a/setup.sh",
    "#!/bin/sh\nls /usr/local/share/ca-certificates; tail -n 3 /etc/ssl/certs/ca-certificates.crt\n",
  );
  const known = await firstKnownAuthority();
  const { printed } = await build({ authorities: Buffer.from(`${known}${testAuthority}`) });
  expect(printed).toContain("build-2.crt");
  expect(printed).not.toContain("build-1.crt");
  expect(printed).toContain(testAuthority.trim().split("\n").at(-2));
});

/** One of the authorities that the base itself trusts. */
function firstKnownAuthority(): Promise<string> {
  const recipe =
    "FROM workstation-base:debian-12\nRUN sed '/END CERT/q' /etc/ssl/certs/ca-certificates.crt\n";
  const context = packContext([{ path: "Dockerfile", mode: 0o644, content: Buffer.from(recipe) }]);
  return printedBy(context, { tags: [], buildArguments: {} });
}
