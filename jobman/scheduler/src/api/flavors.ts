import { apiErrorSchema, type Flavor, flavorListSchema } from "@workstation/jobman/protocol";
import type { OfferedFlavor } from "../platforms/capacity.ts";
import { type SlotUse, slotUse } from "../status/slot-use.ts";
import type { App } from "./app.ts";
import type { Services } from "./services.ts";

/** The flavors as they are on this machine, beside what the site promises. */
export function addFlavorRoute(app: App, { core }: Services): void {
  app.get(
    "/v1/resources-flavors",
    { schema: { response: { 200: flavorListSchema, default: apiErrorSchema } } },
    () => {
      const use = slotUse(core.records.active());
      const flavors = core
        .flavors()
        .map((flavor) => flavorFor(flavor, use.get(flavor.name), flavor.name === core.site.defaults.flavor));
      return { apiVersion: "v1" as const, flavors };
    },
  );
}

function flavorFor(flavor: OfferedFlavor, use: SlotUse | undefined, isDefault: boolean): Flavor {
  return {
    name: flavor.name,
    slots: flavor.slots,
    usableSlots: flavor.usableSlots,
    running: use?.running ?? 0,
    waiting: use?.waiting ?? 0,
    cores: flavor.resources.cores,
    memoryBytes: flavor.resources.memoryBytes,
    promisedCores: flavor.promised.cores,
    promisedMemoryBytes: flavor.promised.memoryBytes,
    timeLimitSeconds: flavor.timeLimitSeconds,
    isDefault,
    ...(flavor.gpu === undefined ? {} : { gpu: flavor.gpu }),
    ...(flavor.note === undefined ? {} : { note: flavor.note }),
  };
}
