import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const everywhere = ["**/node_modules/**", ".local/**"];

const sideBySide = Math.min(4, availableParallelism());

const alone = ["{jobman,scripts}/**/*.docker.test.ts", "tools/images/src/run/*.docker.test.ts"];

const againstDocker = {
  include: ["**/*.docker.test.ts"],
  testTimeout: 180_000,
  hookTimeout: 600_000,
};

const results = process.env.WORKSTATION_TEST_RESULTS !== undefined;

export default defineConfig({
  test: {
    reporters: results ? ["default", "./scripts/test-parts/results-reporter.ts"] : ["default"],
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "{tools,jobman,images,scripts,init-scripts,pip-config,application-examples}/**/*.test.ts",
          ],
          exclude: [...everywhere, "**/*.{docker,kubernetes,locks}.test.ts", "images/*/**/*.test.ts"],
          testTimeout: 30_000,
          maxWorkers: sideBySide, // one less by default, which is one alone on two processors
        },
      },
      {
        test: {
          name: "locks",
          include: ["**/*.locks.test.ts"],
          exclude: everywhere,
          testTimeout: 600_000,
        },
      },
      {
        test: {
          ...againstDocker,
          name: "docker",
          exclude: [...everywhere, ...alone],
          maxWorkers: sideBySide,
        },
      },
      {
        test: {
          ...againstDocker,
          name: "docker-alone",
          include: alone,
          exclude: everywhere,
          // They end engines, fill disks, look at the clock, share a network by its name: one after the other, when all else is done.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "kubernetes",
          include: ["**/*.kubernetes.test.ts"],
          exclude: everywhere,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          maxWorkers: sideBySide, // each file has a control plane of its own
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "images",
          include: ["images/*/**/*.test.ts", "tools/images/src/image-tests/matrix/*.image-test.ts"],
          exclude: [...everywhere, "**/*.docker.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          // Each test waits for containers of its own: files, and what says it is concurrent, run side by side.
          maxWorkers: sideBySide,
          maxConcurrency: sideBySide,
        },
      },
    ],
  },
});
