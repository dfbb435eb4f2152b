import { createHash } from "node:crypto";
import type { Component } from "./component.ts";

/** What a bill of materials is about. */
export interface Described {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** Of the image's configuration: two images with the same one hold the same. */
  readonly digest: string;
  /** ISO 8601, of the image. */
  readonly created: string;
  readonly properties: Readonly<Record<string, string>>;
}

export const billType = "application/vnd.cyclonedx+json";

/** A bill of materials in CycloneDX 1.6. Pure: the same image gives the same bytes. */
export function writeBill(image: Described, components: readonly Component[]): Buffer {
  const listed = merge(components);
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(image.digest)}`,
    version: 1,
    metadata: {
      timestamp: image.created,
      lifecycles: [{ phase: "post-build" }],
      tools: { components: [{ type: "application", name: "workstation-images", version: image.version }] },
      component: {
        "bom-ref": image.digest,
        type: "container",
        name: image.name,
        version: image.version,
        description: image.description,
        properties: propertiesOf(image.properties),
      },
    },
    components: listed.map(({ component, paths }) => asJson(component, paths)),
    dependencies: [{ ref: image.digest, dependsOn: listed.map(({ component }) => refOf(component)) }],
  };
  return Buffer.from(`${JSON.stringify(bill)}\n`);
}

interface Listed {
  readonly component: Component;
  readonly paths: string[];
}

/** One package that lies in several places is one component with several places. */
function merge(components: readonly Component[]): readonly Listed[] {
  const found = new Map<string, Listed>();
  for (const component of components) {
    const known = found.get(refOf(component)) ?? { component, paths: [] };
    if (component.path !== undefined) known.paths.push(component.path);
    found.set(refOf(component), known);
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, listed]) => listed);
}

function refOf({ type, name, version, purl, sha256 }: Component): string {
  return purl ?? `${type}:${name}@${version}${sha256 === undefined ? "" : `#${sha256}`}`;
}

function asJson(component: Component, paths: readonly string[]) {
  const { type, name, version, purl, license, sha256, url } = component;
  const places = paths.toSorted().map((value) => ({ name: "workstation:path", value }));
  return {
    "bom-ref": refOf(component),
    type,
    name,
    version,
    ...(purl === undefined ? {} : { purl }),
    ...(license === undefined ? {} : { licenses: [{ license: { name: license } }] }),
    ...(sha256 === undefined ? {} : { hashes: [{ alg: "SHA-256", content: sha256 }] }),
    ...(url === undefined ? {} : { externalReferences: [{ type: "website", url }] }),
    ...(places.length === 0 ? {} : { properties: places }),
  };
}

function propertiesOf(properties: Readonly<Record<string, string>>) {
  return Object.entries(properties).map(([name, value]) => ({ name, value }));
}

/** A name-based UUID (RFC 9562, version 8: of our own making). */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const variant = ((Number.parseInt(hex[16] ?? "0", 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
