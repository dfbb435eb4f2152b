import type { Distribution, Site } from "@workstation/site";
import type { Kind, Variant } from "./variants.ts";

/** A file or folder that a layer puts into the image. */
export interface LayerFile {
  /** Path in the repository, e.g. `init-scripts/entrypoint`; a folder is taken whole. */
  readonly from: string;
  readonly to: string;
  /** Permission bits of files; folders and files with a `#!` line are 0755, others 0644 unless given. */
  readonly mode?: number;
}

/** A small text made from site.yaml. */
export interface RenderedFile {
  readonly path: string;
  readonly mode: number;
  readonly content: string;
  /** What a person knows it by; `site.yaml` unless given. */
  readonly origin?: string;
  /** What its layer's `prepare` will make it of, in place of a content: it can be planned, and no image is built with it. */
  readonly toBeMadeOf?: string;
}

/** A third-party file, pinned. One that cannot be had is stated in the plan, in a label and as a skipped test. */
export interface Asset {
  readonly name: string;
  readonly version: string;
  /** The page of whoever made it. */
  readonly url: string;
  readonly sha256: string;
  /**
   * Where the distributions' archives hold the very same file, below their root. It is looked for there, by apt as this
   * machine has it set up, when the page does not give it.
   */
  readonly archivePaths?: readonly string[];
  readonly to: string;
  /** Permission bits; 0644 unless given. */
  readonly mode?: number;
  /** Bytes that an image which has it may weigh besides, as `addsAtMost` of its layer. */
  readonly addsAtMost?: number;
}

/** Something built in a stage of its own; only `produces` enters the image. */
export interface BuildStage {
  readonly name: string;
  readonly apt: Readonly<Record<Distribution, readonly string[]>>;
  /**
   * Repository path of a shell script, run as root with an empty folder as working directory. Its `sources` and `assets`
   * lie in that folder (their `to` is relative to it), and it leaves what it made there (`produces`, `from` relative
   * to it). It does not run, and nothing is produced, while one of the assets cannot be had.
   */
  readonly script: string;
  readonly sources?: readonly LayerFile[];
  readonly assets?: readonly Asset[];
  readonly produces: readonly {
    readonly from: string;
    readonly to: string;
    /** Permission bits of a file; without them `from` is a folder, taken whole and as it is. */
    readonly mode?: number;
  }[];
}

/**
 * Programs written in Python, in a virtual environment of their own, where no package of the stack or of a user can
 * break them. The layer's folder has their `tools.in` and `locks/tools-<python version>.lock.txt`.
 */
export interface PythonTools {
  /** Where the virtual environment lies. */
  readonly path: string;
  /** Its programs that users see: linked from /usr/local/bin. */
  readonly commands: readonly string[];
}

/** What a layer adds in one variant alone. */
export type LayerAddition = Partial<
  Pick<Layer, "apt" | "description" | "environment" | "files" | "setup" | "unusedPackages">
>;

/** What a layer adds to the image below it. The generator knows how; a layer says what. */
export interface Layer {
  /** Its folder in images/, and its part of an image's name. */
  readonly name: string;
  /** One line for tables and labels. */
  readonly description: string;
  /** `desktop` makes a desktop of every image that has this layer; such images come in fewer variants. */
  readonly kind: Kind;
  /** Variants that differ in this layer; empty: the layer is the same in all. */
  readonly variants: readonly Variant[];
  /**
   * What a variant has besides. In the lowest layer it is all that the variant has: `ubuntu-python:latest-cuda` stands on
   * `ubuntu-python:latest`.
   */
  readonly additions: Readonly<Partial<Record<Variant, LayerAddition>>>;
  /**
   * What it may add to an image, in bytes, compressed with gzip as a registry holds it; the lowest layer has the base in it.
   * An image may weigh what its layers may add.
   */
  readonly addsAtMost?: Readonly<Partial<Record<Variant, number>>>;
  /** Major version of what a variant brings (CUDA 12: `{ cuda: 12 }`), for its tags. */
  readonly majors?: Readonly<Partial<Record<Variant, number>>>;
  readonly apt: Readonly<Record<Distribution, readonly string[]>>;
  /** Files that its packages leave and nobody shall have, as shell patterns: removed where they are installed. */
  readonly unusedFiles?: readonly string[];
  /** True when the layer's folder has a `requirements.in` and its locks. */
  readonly python: boolean;
  /** Parts of the required packages that nobody needs at work, below site-packages: removed where they are installed. */
  readonly unusedPackages?: readonly string[];
  /** Where a variant's packages come from besides the index of the build; it may be out of reach, its children then too. */
  readonly indexes?: Readonly<Partial<Record<Variant, string>>>;
  readonly tools?: PythonTools;
  readonly files: readonly LayerFile[];
  /** Makes what its files are read from, before a build: nothing else that asks for them makes anything. */
  readonly prepare?: () => void;
  readonly rendered?: (site: Site) => readonly RenderedFile[];
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly assets: readonly Asset[];
  readonly stages: readonly BuildStage[];
  /** Repository path of a shell script, run as root after everything else of the layer is in place. */
  readonly setup?: string;
  /** For a program of the platform: the image is one folder of what the layer made, with nothing around it, and has a user of its own. */
  readonly keeps?: { readonly folder: string; readonly uid: number; readonly gid: number };
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /**
   * Files of the project, as patterns, that its tests see through besides those beside them and what all tests do: when
   * one changes, the tests have to pass again.
   */
  readonly testedThrough?: readonly string[];
  readonly healthcheck?: { readonly command: readonly string[]; readonly intervalSeconds: number };
}
