import { readFileSync } from "node:fs";

const text = readFileSync(new URL("../../../../site.yaml", import.meta.url), "utf8");

const flavors = `flavors:
  - { name: no-gpu, slots: 2, cores: 8, memory: 64GB, timeLimit: 8h }
  - { name: short, slots: 1, cores: 1, memory: 1GB, timeLimit: 2s }
  - { name: long, slots: 1, cores: 1, memory: 1GB, timeLimit: 1h }
  - { name: small-gpu, slots: 8, cores: 4, memory: 32GB, timeLimit: 16h, gpu: { model: NVIDIA A30, memory: 6GB } }
  - { name: desktop, kind: desktop, slots: 20, cores: 1, burstCores: 2, memory: 8GB }`;

/** The project's own site with two small flavors and short times, for tests. */
export const siteText = text
  .replace(/^flavors:[\s\S]*?^limits:/m, () => `${flavors}\n\nlimits:`)
  .replace(/stopGrace: \S+/, "stopGrace: 1s");
