import { expect, test } from "vitest";
import { makeLayer } from "../testing/make-layer.ts";
import { expandFamily, image, imageId, program } from "./image.ts";
import { withAncestors } from "./lineage.ts";
import { chooseImages } from "./read-family.ts";

const python = makeLayer("python");
const torch = makeLayer("torch", { variants: ["cpu", "cuda"], majors: { cuda: 12 } });
const desktop = makeLayer("desktop");

test("an image's name, variants and parent follow from its path of layers", () => {
  const family = expandFamily([image(python, torch), image(python)]);
  expect(family.map((each) => [imageId(each), each.parent?.name])).toEqual([
    ["ubuntu-python", undefined],
    ["ubuntu-python-torch", "ubuntu-python"],
    ["ubuntu-python-torch (cuda)", "ubuntu-python"],
  ]);
});

test("a variant stands on its parent's same variant", () => {
  const family = expandFamily([image(python), image(python, torch), image(python, torch, desktop)]);
  const top = family.find((each) => imageId(each) === "ubuntu-python-torch-desktop (cuda)");
  expect(top?.parent?.variant).toBe("cuda");
});

test("an image whose parent is not in the table is refused by name", () => {
  expect(() => expandFamily([image(python), image(python, torch, desktop)])).toThrow(
    "ubuntu-python-torch-desktop needs ubuntu-python-torch, which is not in the table",
  );
});

test("a table that lists an image twice is refused", () => {
  expect(() => expandFamily([image(python), image(python)])).toThrow("ubuntu-python is in the table twice");
});

test("images are chosen by name, by name and variant, or all", () => {
  const family = expandFamily([image(python), image(python, torch)]);
  const chosen = (names: readonly string[]) => chooseImages(family, names).map(imageId);
  expect(chosen(["ubuntu-python-torch"])).toEqual(["ubuntu-python-torch", "ubuntu-python-torch (cuda)"]);
  expect(chosen(["ubuntu-python-torch:cuda"])).toEqual(["ubuntu-python-torch (cuda)"]);
  expect(chosen(["ubuntu-python-torch:latest-cuda"])).toEqual(["ubuntu-python-torch (cuda)"]);
  expect(chosen(["ubuntu-python-torch:latest"])).toEqual(["ubuntu-python-torch"]);
  expect(chosen([])).toHaveLength(3);
});

test("an unknown image is refused, with those that there are", () => {
  const family = expandFamily([image(python)]);
  expect(() => chooseImages(family, ["ubuntu-pyton"])).toThrow(
    expect.objectContaining({
      message: 'there is no image "ubuntu-pyton" in images/family.ts',
      hint: expect.stringMatching(/^did you mean ubuntu-python\? images: /),
    }),
  );
});

test("what an image stands on comes before it, once", () => {
  const family = expandFamily([image(python), image(python, torch)]);
  const all = withAncestors(chooseImages(family, ["ubuntu-python-torch"]));
  expect(all.map(imageId)).toEqual(["ubuntu-python", "ubuntu-python-torch", "ubuntu-python-torch (cuda)"]);
});

test("an image is a desktop when one of its layers is, and then comes in no variant that desktops have not", () => {
  const family = expandFamily([
    image(python),
    image(python, torch),
    image(python, torch, makeLayer("desktop", { kind: "desktop" })),
    image(python, torch, makeLayer("desktop", { kind: "desktop" }), makeLayer("jupyter")),
  ]);
  expect(family.map((each) => [imageId(each), each.kind])).toEqual([
    ["ubuntu-python", "batch"],
    ["ubuntu-python-torch", "batch"],
    ["ubuntu-python-torch (cuda)", "batch"],
    ["ubuntu-python-torch-desktop", "desktop"],
    ["ubuntu-python-torch-desktop-jupyter", "desktop"],
  ]);
});

test("a variant of the lowest layer stands on the plain image, and adds only what the variant has", () => {
  const lowest = makeLayer("python", {
    python: true,
    apt: ["vim"],
    variants: ["cpu", "cuda"],
    additions: { cuda: { environment: { A: "1" } } },
  });
  const [cpu, cuda] = expandFamily([image(lowest)]);
  expect(cuda).toMatchObject({ parent: cpu, layer: { environment: { A: "1" }, python: true } });
  expect(cuda?.layer.apt["debian-12"]).toEqual([]);
  expect(cpu?.layer).toMatchObject({ environment: {} });
});

test("a variant above it has its layer, and what the variant adds", () => {
  const given = { variants: ["cpu", "cuda"], environment: { A: "1" }, unusedPackages: ["x"] } as const;
  const above = makeLayer("torch", {
    ...given,
    additions: { cuda: { environment: { B: "2" }, unusedPackages: ["y"] } },
  });
  const [, cpu, cuda] = expandFamily([image(python), image(python, above)]);
  expect(cpu?.layer).toMatchObject({ environment: { A: "1" }, unusedPackages: ["x"] });
  expect(cuda?.layer).toMatchObject({ environment: { A: "1", B: "2" }, unusedPackages: ["x", "y"] });
});

test("a program of the platform is an image of its own name, which stands on nothing and has one variant", () => {
  const keeps = { folder: "/opt/image", uid: 65_532, gid: 65_532 };
  const family = expandFamily([image(torch), program("gatekeeper", makeLayer("gate", { keeps }))]);
  expect(family.map((each) => [imageId(each), each.kind, each.parent])).toEqual([
    ["ubuntu-torch", "batch", undefined],
    ["ubuntu-torch (cuda)", "batch", family[0]],
    ["gatekeeper", "service", undefined],
  ]);
  expect(() => program("gatekeeper", makeLayer("gate"))).toThrow("needs a layer that says what it keeps");
});
