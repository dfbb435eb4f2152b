import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "tar";

/** Packs a program that needs nothing beside itself as an image, in the form of `docker save`; the file lies in `folder`. */
export async function packProgramImage(
  folder: string,
  { program, reference }: { readonly program: string; readonly reference: string },
): Promise<string> {
  const [layers, image] = [join(folder, "layer"), join(folder, "image")];
  for (const each of [layers, image]) mkdirSync(each, { recursive: true });
  copyFileSync(program, join(layers, "program"));
  chmodSync(join(layers, "program"), 0o755);
  await create({ cwd: layers, file: join(image, "layer.tar"), portable: true }, ["program"]);
  const layer = createHash("sha256")
    .update(readFileSync(join(image, "layer.tar")))
    .digest("hex");
  const configuration = {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: { Entrypoint: ["/program"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${layer}`] },
  };
  const manifest = [{ Config: "config.json", RepoTags: [reference], Layers: ["layer.tar"] }];
  writeFileSync(join(image, "config.json"), JSON.stringify(configuration));
  writeFileSync(join(image, "manifest.json"), JSON.stringify(manifest));
  const archive = join(folder, "image.tar");
  await create({ cwd: image, file: archive, portable: true }, ["manifest.json", "config.json", "layer.tar"]);
  return archive;
}
