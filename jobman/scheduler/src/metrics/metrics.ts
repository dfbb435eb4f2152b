import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Core } from "../core/core.ts";
import type { JobRecord } from "../queue/index.ts";
import { slotUse } from "../status/slot-use.ts";

/** The scheduler's figures in Prometheus' text format; they name no users and no jobs. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

/** `refusals` counts requests that nobody was known to send, by reason. */
export function createMetrics(core: Core, refusals?: () => ReadonlyMap<string, number>): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "jobman_scheduler_" });
  addJobGauge(registry, core);
  addSlotGauge(registry, core);
  addFaultCounter(registry, core);
  addProblemGauge(registry, core);
  addLeadGauge(registry, core);
  if (refusals !== undefined) addRefusalCounter(registry, refusals);
  observeStarts(registry, core);
  return { contentType: registry.contentType, text: () => registry.metrics() };
}

function addJobGauge(registry: Registry, core: Core): void {
  new Gauge({
    name: "jobman_jobs",
    help: "Jobs that are known, by state and flavor",
    labelNames: ["state", "flavor"],
    registers: [registry],
    collect() {
      this.reset();
      for (const record of [...core.records.active(), ...core.records.ended()]) {
        this.inc({ state: record.state, flavor: record.spec.flavor });
      }
    },
  });
}

function addSlotGauge(registry: Registry, core: Core): void {
  new Gauge({
    name: "jobman_slots",
    help: "Slots of each flavor: promised by the site, usable on this machine, taken",
    labelNames: ["flavor", "kind"],
    registers: [registry],
    collect() {
      const use = slotUse(core.records.active());
      for (const { name, slots, usableSlots } of core.flavors()) {
        this.set({ flavor: name, kind: "promised" }, slots);
        this.set({ flavor: name, kind: "usable" }, usableSlots);
        this.set({ flavor: name, kind: "taken" }, use.get(name)?.running ?? 0);
      }
    },
  });
}

function addFaultCounter(registry: Registry, core: Core): void {
  new Counter({
    name: "jobman_faults_total",
    help: "Faults since the start of the scheduler, by place",
    labelNames: ["where"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [where, count] of core.faults.counts()) this.inc({ where }, count);
    },
  });
}

function addRefusalCounter(registry: Registry, refusals: () => ReadonlyMap<string, number>): void {
  new Counter({
    name: "jobman_refused_requests_total",
    help: "Requests since the start of the scheduler that came with no good token, by reason",
    labelNames: ["reason"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [reason, count] of refusals()) this.inc({ reason }, count);
    },
  });
}

function addProblemGauge(registry: Registry, core: Core): void {
  new Gauge({
    name: "jobman_problems",
    help: "What needs the operator's hand now, by place; the status says it in words",
    labelNames: ["where"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [where, count] of core.problems.counts()) this.set({ where }, count);
    },
  });
}

function addLeadGauge(registry: Registry, core: Core): void {
  new Gauge({
    name: "jobman_leads",
    help: "1 where this scheduler decides; of several on a cluster exactly one should",
    registers: [registry],
    collect() {
      this.set(core.leads() ? 1 : 0);
    },
  });
}

function observeStarts(registry: Registry, core: Core): void {
  const options = { labelNames: ["flavor"], registers: [registry] };
  const waits = new Histogram({
    ...options,
    name: "jobman_wait_seconds",
    help: "From submission to the start of the container",
    buckets: [1, 10, 60, 600, 3600, 14_400, 86_400],
  });
  const admissions = new Histogram({
    ...options,
    name: "jobman_admission_seconds",
    help: "From the decision to start a job to the start that was observed",
    buckets: [0.1, 0.2, 0.5, 1, 2, 5, 10, 60, 600],
  });
  const decidedAt = new Map<string, number>();
  core.records.onChange((record, removed) => {
    const { id, flavor, submittedAt } = record.spec;
    const decided = decidedAt.get(id);
    if (!removed && record.state === "starting") {
      if (decided === undefined) decidedAt.set(id, core.now());
      return;
    }
    decidedAt.delete(id);
    if (removed || decided === undefined || !isStarted(record)) return;
    admissions.observe({ flavor }, Math.max(0, record.startedAt - decided) / 1000);
    waits.observe({ flavor }, Math.max(0, record.startedAt - submittedAt) / 1000);
  });
}

function isStarted(record: JobRecord): record is JobRecord & { readonly startedAt: number } {
  return record.startedAt !== undefined;
}
