import { createHash } from "node:crypto";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { loadSite } from "@workstation/site";
import { Parser, type ReadEntry } from "tar";
import { expect, test } from "vitest";
import { expandFamily, image } from "../family/image.ts";
import type { Layer } from "../family/layer.ts";
import { makeLayer } from "../testing/make-layer.ts";
import { heldContent } from "./content.ts";
import type { InputFile, LayerInputs } from "./layer-inputs.ts";
import { contextFiles, packContext } from "./pack-context.ts";
import { makeRecipe } from "./recipe.ts";
import type { SiteFacts } from "./site-facts.ts";

const facts: SiteFacts = {
  site: loadSite(join(import.meta.dirname, "../../../../site.yaml")),
  distribution: "debian-12",
  version: "1.2.3",
};
const file = (path: string, text = path, mode = 0o644): InputFile => ({
  path,
  mode,
  content: heldContent(Buffer.from(text)),
  origin: `images/full/${path}`,
});
const lock =
  "numpy==2 \\\n    --hash=sha256:aa\nuv==0.13.9 \\\n    --hash=sha256:bb\nzipp==3 \\\n    --hash=sha256:cc\n";
const inputs: LayerInputs = {
  files: [file("etc/a"), file("usr/local/bin/b", "#!/bin/sh\n", 0o755)],
  requirements: file("requirements.lock.txt"),
  missingLock: undefined,
  tools: file("tools.lock.txt", lock),
  setup: file("setup", "#!/bin/sh\n", 0o755),
  stages: [
    {
      name: "made",
      script: file("build", "#!/bin/sh\n", 0o755),
      sources: [file("src.tar")],
      lacking: undefined,
    },
  ],
  buildStep: file("build-step"),
  readme: "# Full\n",
  missingAssets: [],
};
const full = makeLayer("full", {
  apt: { "ubuntu-22.04": ["tini"], "debian-12": ["tini", "python3"] },
  python: true,
  tools: { path: "/opt/tools", commands: ["uv"] },
  environment: { GREETING: 'say "$HOME"' },
  ports: [8888],
  stages: [
    {
      name: "made",
      apt: { "ubuntu-22.04": [], "debian-12": ["gcc"] },
      script: "x",
      produces: [{ from: "made", to: "/opt/made", mode: 0o755 }],
    },
  ],
  entrypoint: ["/usr/bin/tini", "--", "/x"],
  command: ["/bin/bash"],
  healthcheck: { command: ["/check"], intervalSeconds: 30 },
});

function recipe(layer: Layer = full, given: Partial<LayerInputs> = {}) {
  const [only] = expandFamily([image(layer)]);
  if (only === undefined) throw new Error("no image");
  return makeRecipe(only, { ...inputs, ...given }, facts);
}

const empty: LayerInputs = {
  ...inputs,
  files: [],
  requirements: undefined,
  tools: undefined,
  setup: undefined,
  stages: [],
};

async function hashOfContext(made = recipe(), machine = {}): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of packContext(contextFiles(made, machine))) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

test("a stage that lacks an asset is told so by a file; the recipe is the same with and without it", () => {
  const lacking = file("missing-assets", "src-1\n");
  const made = recipe(full, { stages: inputs.stages.map((stage) => ({ ...stage, sources: [], lacking })) });
  expect(made.dockerfile).toBe(recipe().dockerfile);
  expect(made.entries.map((entry) => entry.path)).toContain("build/stage-made/missing-assets");
});

test("what changes often comes after what takes long", () => {
  const { dockerfile } = recipe();
  const order = [
    "apt-get install",
    "groupadd",
    "uv venv",
    "pip install -q --system",
    "put_files /srv/root",
    "/srv/setup",
    "ENV",
    "LABEL",
  ];
  const final = dockerfile.slice(dockerfile.indexOf("FROM $PARENT"));
  const places = order.map((text) => final.indexOf(text));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test("every step begins with the common rules and ends by removing its traces", () => {
  const steps = recipe().dockerfile.split("\nRUN ").slice(1);
  expect(steps).toHaveLength(8);
  for (const step of steps) expect(step).toMatch(/\. \/srv\/build-step \\\n && .* && seal(\n|$)/s);
});

test("packages and Python come through caches that are no part of the image, Python with hashes", () => {
  const { dockerfile } = recipe();
  expect(dockerfile).toContain(
    "--mount=type=cache,id=debian-12-var-cache-apt,target=/var/cache/apt,sharing=locked",
  );
  expect(dockerfile.match(/pip install .*--require-hashes/g)).toHaveLength(3);
});

test("the image is the user's: not root, the home and every folder of the contract there, any uid and gid may write", () => {
  const { dockerfile } = recipe();
  expect(
    dockerfile
      .trimEnd()
      .split("\n")
      .findLast((line) => line.startsWith("USER")),
  ).toBe("USER 1000:1000");
  for (const folder of ["datasets", "persistent-home", "persistent-shared-folder", "application-examples"]) {
    expect(dockerfile).toContain(`/home/chaimeleon/${folder}`);
  }
  expect(dockerfile).toContain("/mnt/datalake");
  expect(dockerfile).toContain("chmod -R a+rwX /home/chaimeleon");
});

test("a child makes no account, starts from its parent, and ends as its user", () => {
  const child = makeLayer("child", { apt: { "ubuntu-22.04": [], "debian-12": ["less"] } });
  const [, made] = expandFamily([image(full), image(full, child)]);
  if (made === undefined) throw new Error("no image");
  const { dockerfile } = makeRecipe(made, empty, facts);
  expect(dockerfile).toContain("ARG PARENT=ubuntu-full:latest");
  expect(dockerfile).toContain("FROM $PARENT AS packages\n# hadolint ignore=DL3002");
  expect(dockerfile).not.toContain("useradd");
  expect(dockerfile).toMatch(/USER 1000:1000\n$/);
});

test("a child's tools are installed with the uv of the image below", () => {
  const child = makeLayer("child", { tools: { path: "/opt/more", commands: ["jupyter"] } });
  const [, made] = expandFamily([image(full), image(full, child)]);
  if (made === undefined) throw new Error("no image");
  const tools = file("tools.lock.txt", "jupyter==1 \\\n    --hash=sha256:aa\n");
  const { dockerfile, entries } = makeRecipe(made, { ...empty, tools }, facts);
  expect(dockerfile).toContain("uv venv -q --python /usr/bin/python3 /opt/more");
  expect(dockerfile).not.toMatch(/installer|\/mnt\/uv/);
  expect(entries.map((entry) => entry.path)).not.toContain("build/installer/uv.lock.txt");
});

test("packages from an index of their own are asked for there, and held to their hashes all the same", () => {
  const child = makeLayer("child", { python: true, indexes: { cpu: "https://index.example.org/cpu" } });
  const [, made] = expandFamily([image(full), image(full, child)]);
  if (made === undefined) throw new Error("no image");
  expect(makeRecipe(made, empty, facts).dockerfile).toContain(
    "--require-hashes --index https://index.example.org/cpu --index-strategy unsafe-best-match -r",
  );
});

test("a setting's dollar and quotes reach the image as they are", () => {
  expect(recipe().dockerfile).toContain('GREETING="say \\"\\$HOME\\""');
});

test("ports, health check, entry point and command are the layer's", () => {
  const { dockerfile } = recipe();
  expect(dockerfile).toContain("EXPOSE 8888");
  expect(dockerfile).toContain('HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["/check"]');
  expect(dockerfile).toContain('ENTRYPOINT ["/usr/bin/tini","--","/x"]\nCMD ["/bin/bash"]');
});

test("builds install with the very uv that the lock names", () => {
  const entry = recipe().entries.find((each) => each.path === "build/installer/uv.lock.txt");
  expect(entry?.content.read().toString()).toBe("uv==0.13.9 \\\n    --hash=sha256:bb\n");
});

test("no time and no owner of this machine is in a context", async () => {
  const headers: ReadEntry[] = [];
  const archive = new Parser({
    onReadEntry: (entry) => {
      headers.push(entry);
      entry.resume();
    },
  });
  await pipeline(packContext(contextFiles(recipe(), {})), archive as unknown as NodeJS.WritableStream);
  expect(headers.length).toBeGreaterThan(10);
  expect(new Set(headers.map(({ mtime, uid, gid }) => `${mtime?.toISOString()} ${uid} ${gid}`))).toEqual(
    new Set(["2026-01-01T00:00:00.000Z 0 0"]),
  );
});

test("the same input gives the same bytes of context", async () => {
  expect(await hashOfContext()).toBe(await hashOfContext());
});

test("a changed file gives other bytes, and its name as the changed input", async () => {
  const changed = recipe(full, { files: [file("etc/a", "other"), ...inputs.files.slice(1)] });
  expect(await hashOfContext(changed)).not.toBe(await hashOfContext());
  const before = recipe().inputs;
  const differing = Object.keys(before).filter((name) => before[name] !== changed.inputs[name]);
  expect(differing).toEqual(["images/full/etc/a"]);
});

test("a file's mode is part of the key", () => {
  const changed = recipe(full, { files: [file("etc/a", "etc/a", 0o600), ...inputs.files.slice(1)] });
  expect(changed.inputs["images/full/etc/a"]).not.toBe(recipe().inputs["images/full/etc/a"]);
});

test("what only the build machine knows is in the context, but neither in the recipe nor in the key", () => {
  const machine = {
    authorities: Buffer.from("CERTIFICATE"),
    indexUrl: "https://user:word@index.example.org/simple",
  };
  const made = recipe();
  const paths = contextFiles(made, machine).map((each) => each.path);
  expect(paths).toEqual(expect.arrayContaining(["build-ca/ca.crt", "build-ca/index-url"]));
  expect(JSON.stringify([made.dockerfile, made.inputs])).not.toMatch(/CERTIFICATE|index\.example\.org/);
  expect(made.dockerfile).not.toMatch(/^ARG (?!PARENT)/m);
});

test("every context has the folder for authorities, before what is in it", () => {
  const files = contextFiles(recipe(), {});
  expect(files.find((each) => each.path === "build-ca")).toEqual({ path: "build-ca", mode: 0o755 });
  const paths = files.map((each) => each.path);
  expect(paths.indexOf("build/files")).toBeLessThan(paths.indexOf("build/files/root/etc/a"));
});

test("a site's snapshot of the archive pins the packages", () => {
  const site = { ...facts.site, base: { ...facts.site.base, aptSnapshot: "https://snapshot.example.org/1" } };
  const [only] = expandFamily([image(full)]);
  if (only === undefined) throw new Error("no image");
  expect(makeRecipe(only, inputs, { ...facts, site }).dockerfile).toContain(
    " && use_snapshot debian-12 https://snapshot.example.org/1 \\\n",
  );
});
