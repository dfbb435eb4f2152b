import type { CommandFile } from "./verb.ts";

/** The verbs of `images`, in the order of their use. */
export const commands: Readonly<
  Record<string, { readonly summary: string; readonly load: () => Promise<CommandFile> }>
> = {
  list: { summary: "list the images of the family", load: () => import("./list.ts") },
  plan: {
    summary: "say which images must be built or tested, and why",
    load: () => import("./plan.ts"),
  },
  generate: {
    summary: "write the generated Dockerfiles, or one image's build context",
    load: () => import("./generate.ts"),
  },
  docs: {
    summary: "write the tables of images in the README and the guide",
    load: () => import("./docs.ts"),
  },
  build: {
    summary: "build, test and tag what the plan says",
    load: () => import("./build.ts"),
  },
  test: {
    summary: "test images, and give those that pass their tags",
    load: () => import("./test.ts"),
  },
  publish: {
    summary: "send what has passed its tests to the site's registry",
    load: () => import("./publish.ts"),
  },
  lint: {
    summary: "lint every recipe and every script that runs while images are built",
    load: () => import("./lint.ts"),
  },
  lock: {
    summary: "resolve the Python locks, and the digests of the bases where a registry answers",
    load: () => import("./lock.ts"),
  },
  assets: {
    summary: "list the third-party files, and take over those that were brought by hand",
    load: () => import("./assets.ts"),
  },
  size: { summary: "what images weigh, layer by layer", load: () => import("./size.ts") },
  prune: {
    summary: "list earlier builds that nothing needs, and remove them with --remove",
    load: () => import("./prune.ts"),
  },
  run: {
    summary: "start a container of an image as a site would",
    load: () => import("./run.ts"),
  },
  base: {
    summary: "make a base image from a distribution's packages, where no registry is at hand",
    load: () => import("./base.ts"),
  },
};
