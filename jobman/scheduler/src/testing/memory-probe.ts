import { connectDocker } from "@workstation/docker";
import { createFakeEngine } from "./fake-engine.ts";
import { makeSchedulerFixture } from "./scheduler-fixture.ts";
import { makeWaitingSpecs } from "./waiting-specs.ts";

/**
 * A scheduler with so many waiting jobs, in a process of its own: prints what it takes, and how soon after its start
 * the first job was admitted, as one line of JSON. Everything that a real one loads is loaded.
 */
const jobs = Number(process.argv[2] ?? 0);
await connectDocker().catch(() => undefined);
await import("../platforms/docker/open.ts");

const startedAt = performance.now();
let admittedAt: number | undefined;
const engine = createFakeEngine(Date.now, makeWaitingSpecs(jobs));
const admit = engine.admit;
const fixture = await makeSchedulerFixture({
  engine: {
    ...engine,
    admit: (requests) => {
      admittedAt ??= performance.now();
      return admit(requests);
    },
  },
  users: ["alice"],
});
for (let round = 0; round < 5; round += 1) {
  await fixture.asOperator("GET", "/metrics");
  await fixture.as("alice")("GET", "/v1/jobs");
}
// Resident memory is what the machine gives; two collections bring it to what is needed.
globalThis.gc?.();
globalThis.gc?.();
const firstAdmissionMs = admittedAt === undefined ? undefined : admittedAt - startedAt;
process.stdout.write(
  `${JSON.stringify({ jobs, residentBytes: process.memoryUsage().rss, firstAdmissionMs })}\n`,
);
await fixture.dispose();
process.exit(0);
