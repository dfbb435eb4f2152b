import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { runOnPromisedGpu } from "./gpu.ts";

const small = { image: "workstation-base:debian-12", entrypoint: ["sh", "-c"] };
const tell = ["echo $REQUIRE_GPU $NVIDIA_VISIBLE_DEVICES"];

test("a test that was promised a GPU fails on a machine without one, and says why", async ({ skip }) => {
  skip(existsSync("/dev/nvidiactl"), "this machine has a GPU");
  await expect(runOnPromisedGpu(tell, small, { REQUIRE_GPU: "1" })).rejects.toThrow(
    /^REQUIRE_GPU promises a GPU, and no container ran with one: the container did not start: .*device driver/,
  );
});

test.each([{}, { REQUIRE_GPU: "" }, { REQUIRE_GPU: "0" }])(
  "without a promise it runs without a GPU, and is told so: %o",
  async (environment) => {
    const ended = await runOnPromisedGpu(tell, small, environment);
    expect(ended).toMatchObject({ exitCode: 0, stdout: "0 void\n" });
  },
);
