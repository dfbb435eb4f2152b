import type { V1ConfigMap } from "@kubernetes/client-node";
import { clusterLabels, containerLabels } from "@workstation/site";
import { z } from "zod";
import { hasStatus, isAmbiguous } from "../api/cluster-error.ts";
import type { ClusterConnection } from "../api/connection.ts";
import { paths } from "../api/paths.ts";
import { slotLedgerName } from "../objects/names.ts";
import { readEntries } from "./read-entries.ts";

/** A slot that was given away. */
export interface LedgerEntry {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
}

/** What a ledger says: who has a slot of the flavor, by the UIDs of their Jobs. */
export interface LedgerPage {
  readonly version: string | undefined;
  readonly entries: ReadonlyMap<string, LedgerEntry>;
}

/**
 * Who holds the slots of each flavor, written before a job is let go: of two schedulers who both think that they lead,
 * one finds its page changed, and lets nothing go. One write a flavor and cycle; ended jobs are left out with the next.
 */
export interface SlotLedger {
  read(flavor: string): Promise<LedgerPage>;
  /** Puts `entries` in the place of `page`; false where somebody else did so before. */
  write(flavor: string, page: LedgerPage, entries: LedgerPage["entries"]): Promise<boolean>;
  /** Forgets what was read: another may have led since. */
  forget(): void;
}

const entrySchema = z.record(
  z.string(),
  z.object({ id: z.string(), namespace: z.string(), name: z.string() }),
);

export function createSlotLedger(options: {
  readonly connection: ClusterConnection;
  readonly namespace: string;
  readonly instance: string;
  /** Hears of a page that nobody can read. */
  readonly onFault: (fault: unknown) => void;
}): SlotLedger {
  const { connection, namespace, instance, onFault } = options;
  const pages = new Map<string, LedgerPage>();
  let written = 0;

  async function fetchPage(flavor: string): Promise<LedgerPage> {
    try {
      const path = paths.configMap(namespace, slotLedgerName(instance, flavor));
      return pageOf(await connection.ask<V1ConfigMap>("GET", path), onFault);
    } catch (error) {
      if (hasStatus(error, 404)) return { version: undefined, entries: new Map() };
      throw error;
    }
  }

  function send(flavor: string, page: LedgerPage, object: V1ConfigMap): Promise<V1ConfigMap> {
    return page.version === undefined
      ? connection.ask("POST", paths.configMaps(namespace), { body: object })
      : connection.ask("PUT", paths.configMap(namespace, slotLedgerName(instance, flavor)), { body: object });
  }

  return {
    read: async (flavor) => {
      const known = pages.get(flavor);
      if (known !== undefined) return known;
      const page = await fetchPage(flavor);
      // What was written meanwhile is newer.
      if (!pages.has(flavor)) pages.set(flavor, page);
      return page;
    },
    write: async (flavor, page, entries) => {
      written += 1;
      // Unique, so that a write whose answer was lost is known again.
      const writer = `${process.pid}-${written}-${crypto.randomUUID()}`;
      const object = objectOf({ flavor, instance, namespace }, page.version, { entries, writer });
      try {
        pages.set(flavor, pageOf(await send(flavor, page, object), onFault));
        return true;
      } catch (error) {
        pages.delete(flavor);
        if (hasStatus(error, 404, 409)) return false;
        if (!isAmbiguous(error)) throw error;
        const path = paths.configMap(namespace, slotLedgerName(instance, flavor));
        const now = await connection.ask<V1ConfigMap>("GET", path);
        return now.data?.writer === writer;
      }
    },
    forget: () => pages.clear(),
  };
}

function pageOf({ metadata, data }: V1ConfigMap, onFault: (fault: unknown) => void): LedgerPage {
  const entries = readEntries(data?.jobs, entrySchema, onFault);
  return { version: metadata?.resourceVersion, entries: new Map(Object.entries(entries)) };
}

function objectOf(
  place: { readonly flavor: string; readonly instance: string; readonly namespace: string },
  version: string | undefined,
  content: { readonly entries: LedgerPage["entries"]; readonly writer: string },
): V1ConfigMap {
  const { flavor, instance, namespace } = place;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: slotLedgerName(instance, flavor),
      namespace,
      labels: { [containerLabels.instance]: instance, [clusterLabels.ledger]: flavor },
      ...(version === undefined ? {} : { resourceVersion: version }),
    },
    data: { jobs: JSON.stringify(Object.fromEntries(content.entries)), writer: content.writer },
  };
}
