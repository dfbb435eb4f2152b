/** Batch images serve jobs; a desktop is what a person sits at; a service is a program of the platform, and nobody's place. */
export type Kind = "batch" | "desktop" | "service";

interface VariantFacts {
  /** Follows tags, and the names of files that belong to one variant. */
  readonly suffix: string;
  readonly needsGpu: boolean;
  /** Kinds of images that come in it. */
  readonly kinds: readonly Kind[];
}

/** All variants, the plain one first: a new one is a line here, and what layers say of it. */
export const variants = {
  cpu: { suffix: "", needsGpu: false, kinds: ["batch", "desktop", "service"] },
  // GPUs are for jobs: a desktop would hold one all day.
  cuda: { suffix: "-cuda", needsGpu: true, kinds: ["batch"] },
} as const satisfies Readonly<Record<string, VariantFacts>>;

export type Variant = keyof typeof variants;

/** The variant that every image has, and that names leave unsaid. */
export const plain: Variant = "cpu";

export const variantNames = Object.keys(variants) as readonly Variant[];

/** What follows a name or tag in this variant: `-cuda`; nothing for the plain one. */
export function suffixOf(variant: Variant): string {
  return variants[variant].suffix;
}

/** Those of the variants in which images of a kind are made, in the table's order; at least the plain one. */
export function variantsFor(kind: Kind, differing: readonly Variant[]): readonly Variant[] {
  const possible = variantNames.filter((name) => (variants[name].kinds as readonly Kind[]).includes(kind));
  const chosen = possible.filter((name) => differing.includes(name));
  return chosen.length === 0 ? [plain] : chosen;
}
