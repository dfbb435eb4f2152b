import type { CommandFile } from "./verb.ts";

/** The verbs of `images`, in the order of their use. */
export const commands: Readonly<
  Record<string, { readonly summary: string; readonly load: () => Promise<CommandFile> }>
> = {
  list: { summary: "list the images of the family", load: () => import("./list/command.ts") },
  plan: {
    summary: "say which images must be built or tested, and why",
    load: () => import("./plan/command.ts"),
  },
  generate: {
    summary: "write the generated files: Dockerfiles, the page of images; or one image's build context",
    load: () => import("./generate/command.ts"),
  },
  build: {
    summary: "build, test and tag what the plan says",
    load: () => import("./build/command.ts"),
  },
  test: {
    summary: "test images, and give those that pass their tags",
    load: () => import("./test/command.ts"),
  },
  lint: {
    summary: "lint every recipe and every script that runs while images are built",
    load: () => import("./lint/command.ts"),
  },
  lock: {
    summary: "resolve the Python locks, and the digests of the bases where a registry answers",
    load: () => import("./lock/command.ts"),
  },
  size: { summary: "what images weigh, layer by layer", load: () => import("./size/command.ts") },
  run: {
    summary: "start a container of an image as a site would",
    load: () => import("./run/command.ts"),
  },
  base: {
    summary: "make a base image from a distribution's packages, where no registry is at hand",
    load: () => import("./base/command.ts"),
  },
};
