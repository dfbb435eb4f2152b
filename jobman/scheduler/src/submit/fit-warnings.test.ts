import { imageLabels } from "@workstation/site";
import { expect, test } from "vitest";
import { fitWarnings } from "./fit-warnings.ts";

const withGpu = { name: "small-gpu", gpu: { model: "V100", memoryBytes: 16e9 } } as const;
const withoutGpu = { name: "no-gpu" };

/** `needsGpu`: what the image's label says; `undefined`: it has no such label. */
function makeImage(reference: string, needsGpu: string | undefined) {
  const labels = needsGpu === undefined ? {} : { [imageLabels.needsGpu]: needsGpu };
  return { reference, image: { name: "any", tags: [], reference, sizeBytes: 1, allowed: true, labels } };
}

test.each([
  [
    withGpu,
    "ubuntu-python:latest",
    "false",
    "ubuntu-python:latest has no CUDA libraries: the GPU of small-gpu would stay unused",
  ],
  [
    withoutGpu,
    "ubuntu-python:key-1234",
    "true",
    "ubuntu-python:key-1234 is made for a GPU, and no-gpu has none",
  ],
])(
  "of a flavor and an image that do not fit the user hears: %o, %s",
  (flavor, reference, needsGpu, warning) => {
    expect(fitWarnings(flavor, makeImage(reference, needsGpu))).toEqual([warning]);
  },
);

test.each([
  [withGpu, "ubuntu-python:latest-cuda", "true"],
  [withoutGpu, "ubuntu-python:latest", "false"],
  [withoutGpu, "any-cuda:latest-cuda", undefined],
  [withGpu, "foreign:1", undefined],
])(
  "where they fit, or the image does not say what it needs, nothing is said: %o, %s",
  (flavor, reference, needsGpu) => {
    expect(fitWarnings(flavor, makeImage(reference, needsGpu))).toEqual([]);
  },
);
