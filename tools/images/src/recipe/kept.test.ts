import { join } from "node:path";
import { loadSite } from "@workstation/site";
import { expect, test } from "vitest";
import { expandFamily, program } from "../family/image.ts";
import { makeLayer } from "../testing/make-layer.ts";
import { heldContent } from "./content.ts";
import { writeDockerfile } from "./dockerfile.ts";
import type { LayerInputs } from "./layer-inputs.ts";

const site = loadSite(join(import.meta.dirname, "../../../../site.yaml"));
const file = (path: string) => ({
  path,
  mode: 0o755,
  content: heldContent(Buffer.from(path)),
  origin: path,
});
const inputs: LayerInputs = {
  files: [file("opt/image/gate")],
  requirements: undefined,
  missingLock: undefined,
  tools: undefined,
  setup: file("setup"),
  stages: [],
  buildStep: file("build-step"),
  readme: "",
  missingAssets: [],
};

function dockerfile(base: Partial<typeof site.base> = {}): string {
  const keeps = { folder: "/opt/image", uid: 65_532, gid: 65_533 };
  const layer = makeLayer("gate", { apt: ["libatomic1"], keeps, entrypoint: ["/gate"] });
  const [image] = expandFamily([program("gatekeeper", layer)]);
  if (image === undefined) throw new Error("no image");
  const facts = { site: { ...site, base: { ...site.base, ...base } }, version: "1.2.3" };
  return writeDockerfile(image, inputs, { ...facts, distribution: "debian-12" });
}

test("a program's image is what it keeps alone, under a user of its own", () => {
  const last = dockerfile().split("\n\n").at(-1) ?? "";
  expect(last).toMatch(/^FROM scratch\nCOPY --from=made \/opt\/image\/ \/\nLABEL /);
  expect(last).toMatch(/WORKDIR \/\nUSER 65532:65533\nENTRYPOINT \["\/gate"\]\n$/);
  expect(last).not.toMatch(/RUN|HOME/);
});

test("what it is made in has the layer's packages and files, and no account of the site's user", () => {
  const text = dockerfile();
  const order = ["apt-get install", "put_files /srv/root", "/srv/setup"].map((words) => text.indexOf(words));
  expect(order).not.toContain(-1);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(text).not.toMatch(/useradd|keep_authorities/);
  expect(dockerfile({ keepBuildCertificates: true })).toContain(" && keep_authorities \\\n");
});
