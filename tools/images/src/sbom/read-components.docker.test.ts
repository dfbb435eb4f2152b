import { randomBytes } from "node:crypto";
import {
  buildImage,
  connectDocker,
  packFiles,
  readContainerLog,
  readFileSystem,
  removeContainer,
  removeImage,
  startContainer,
  waitForContainer,
} from "@workstation/docker";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeHelperContainer } from "../testing/helper-container.ts";
import { readComponents } from "./read-components.ts";

const docker = await connectDocker();
const tag = `sbom-test:${randomBytes(4).toString("hex")}`;

const dockerfile = `FROM workstation-base:debian-12
RUN mkdir -p /opt/venv/lib/demo-1.2.dist-info /usr/share/app/node_modules/@x/y && \
    printf 'Metadata-Version: 2.1\\nName: demo\\nVersion: 1.2\\n' > /opt/venv/lib/demo-1.2.dist-info/METADATA && \
    printf '{"name":"@x/y","version":"3.0.0"}' > /usr/share/app/node_modules/@x/y/package.json
`;

beforeAll(async () => {
  const context = packFiles([{ path: "Dockerfile", mode: 0o644, content: Buffer.from(dockerfile) }]);
  await buildImage(docker, {
    context,
    tags: [tag],
    labels: {},
    buildArguments: {},
    onEvent: () => undefined,
  });
});

afterAll(() => removeImage(docker, tag));

/** What a program inside the image prints. */
async function ask(...command: readonly string[]): Promise<string> {
  const id = await makeHelperContainer(docker, { image: tag, command });
  await startContainer(docker, id);
  await waitForContainer(docker, id, AbortSignal.timeout(60_000));
  let said = "";
  const signal = AbortSignal.timeout(60_000);
  for await (const line of readContainerLog(docker, id, { follow: false, signal })) said += line.data;
  await removeContainer(docker, id);
  return said;
}

test("every package that dpkg knows is listed with its version, and so are Python's and npm's wherever they lie", async () => {
  const components = await readFileSystem(docker, { reference: tag, labels: {} }, readComponents);
  const listed = components.filter((each) => each.purl?.startsWith("pkg:deb/"));
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own format
  const known = (await ask("dpkg-query", "-W", "-f", "${Package} ${Version} ${db:Status-Abbrev}\n"))
    .split("\n")
    .filter((line) => line.trimEnd().endsWith(" ii"))
    .map((line) => line.trimEnd().slice(0, -3));
  expect(known.length).toBeGreaterThan(50);
  expect(listed.map(({ name, version }) => `${name} ${version}`).toSorted()).toEqual(known.toSorted());
  expect(components.filter((each) => !each.purl?.startsWith("pkg:deb/"))).toEqual([
    { type: "operating-system", name: "debian", version: "12" },
    expect.objectContaining({ purl: "pkg:pypi/demo@1.2", path: "/opt/venv/lib/demo-1.2.dist-info" }),
    expect.objectContaining({ purl: "pkg:npm/%40x/y@3.0.0" }),
  ]);
});
