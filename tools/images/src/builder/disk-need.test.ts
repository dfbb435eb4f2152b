import { createReporter } from "@workstation/cli";
import { expect, test } from "vitest";
import { expandFamily, image } from "../family/image.ts";
import type { PlannedImage } from "../plan/plan.ts";
import { makeLayer } from "../testing/make-layer.ts";
import { diskNeed, tellDiskNeed } from "./disk-need.ts";

const torch = makeLayer("torch", { variants: ["cpu", "cuda"], majors: { cuda: 12 } });

/** Only what is looked at: the images and their states. */
function plan(state: PlannedImage["state"]): readonly PlannedImage[] {
  const family = expandFamily([image(makeLayer("python")), image(makeLayer("python"), torch)]);
  return family.map((each) => ({ image: each, state }) as PlannedImage);
}

const sizes = (id: string) => (id === "ubuntu-python" ? 400e6 : undefined);

test("what is to be built takes what it took before, and a guess where nobody has measured it; the rest nothing", () => {
  const need = diskNeed(plan("to build"), sizes);
  expect(need).toBeCloseTo(400e6 * 3.2 * 1.4 + 1.5e9 + 12e9, -6);
  expect(diskNeed(plan("to test"), sizes)).toBe(0);
});

test.each([
  [20e9, "the builds take about 15 GB, and /var/lib/docker has 20 GB free"],
  [10e9, "warning: the builds take about 15 GB, and /var/lib/docker has 10 GB free"],
])("with %d bytes free it is said beforehand", (freeBytes, words) => {
  let said = "";
  const reporter = createReporter({ write: (text) => (said += text) });
  tellDiskNeed(15e9, { folder: "/var/lib/docker", freeBytes }, reporter);
  expect(said).toContain(words);
});
