/** A part of the project, and which others it may import. */
interface Part {
  readonly folder: string;
  readonly mayImport: readonly string[];
  /** What its tests may import besides. */
  readonly inTests?: readonly string[];
}

/** Who may import whom, and what folders are called; `findBreaches` explains each. Paths are relative to the project's folder. */
export interface ImportRules {
  readonly parts: readonly Part[];
  /** Parts that may reach into others by path; all else goes through a package's name and its `exports`. */
  readonly reachInside: readonly string[];
  /** Libraries that belong to one folder. */
  readonly libraryOwners: Readonly<Record<string, string>>;
  /** Files from which no library may be loaded, however far away. */
  readonly withoutLibraries: readonly string[];
  /** Folders whose direct folders import each other in no circle. */
  readonly roots: readonly string[];
  /** For folders below a root: the only ones of that root that they may import. */
  readonly folders: readonly { readonly folder: string; readonly mayImport: readonly string[] }[];
  /** Folders whose files do not import each other, but for those named: what two need lies below them. */
  readonly apart: readonly { readonly folder: string; readonly shared: readonly string[] }[];
  /** Folders whose programs nothing outside of them starts. */
  readonly ownPrograms: readonly string[];
  /** Names that promise what was made, or tests; a folder of sources has a name of its own. */
  readonly misleadingFolders: readonly string[];
  readonly exceptions: {
    /** `imports` is a folder, or `library` or `computed`. */
    readonly imports: readonly { readonly file: string; readonly imports: string; readonly why: string }[];
  };
}

const tools = ["tools/cli", "tools/site", "tools/docker"];
const contents = ["tools/cli", "tools/site", "tools/images"];
const scheduler = "jobman/scheduler/src";

const lowest = ["mutex", "errors", "diagnostics", "files", "queue", "shortening", "logs"];
/** The scheduler's ladder: each step may import the steps below it. */
const below = {
  records: [...lowest, "platforms"],
  core: [...lowest, "platforms", "records"],
  submit: [...lowest, "platforms", "records", "core"],
};

const imagesTool = "tools/images/src";
const domain = ["workspace", "family", "assets", "locks", "recipe", "base", "registry", "tested", "plan"];
/** The ladder of the `images` command: each step may import the steps before it; verbs put them together. */
const imagesLadder: readonly (readonly [string, readonly string[]])[] = [
  ["rfb", []],
  ["web", ["rfb"]],
  ["workspace", []],
  ["family", ["workspace"]],
  ["assets", ["workspace", "family"]],
  ["locks", ["workspace", "family"]],
  ["recipe", ["workspace", "family", "assets", "locks"]],
  ["base", ["workspace", "family", "recipe"]],
  ["tested", ["workspace", "family"]],
  ["registry", ["workspace"]],
  ["plan", domain.slice(0, -1)],
  ["builder", domain],
  ["saved-image", ["workspace"]],
  ["size", [...domain, "saved-image"]],
  ["sbom", ["saved-image"]],
  ["provenance", domain],
  ["publishing", [...domain, "saved-image", "sbom", "provenance"]],
  ["documents", domain],
  ["lint", domain],
  ["run", [...domain, "rfb", "web"]],
  ["image-tests", [...domain, "rfb", "web"]],
  ["test-runner", [...domain, "builder", "saved-image"]],
];

const clusterTool = "tools/cluster/src";
/** The ladder of the throw-away Kubernetes. */
const beneathControlPlane = ["programs", "certificates", "processes"];
const beneathNode = [...beneathControlPlane, "network", "control-plane"];

export const importRules: ImportRules = {
  parts: [
    { folder: "tools/cli", mayImport: [] },
    { folder: "tools/site", mayImport: ["tools/cli"] },
    { folder: "tools/docker", mayImport: ["tools/cli", "tools/site"] },
    { folder: "tools/programs", mayImport: ["tools/cli", "tools/site"] },
    { folder: "tools/cluster", mayImport: [...tools, "tools/programs"] },
    { folder: "tools/images", mayImport: tools },
    {
      folder: "jobman/client",
      mayImport: ["tools/cli", "tools/site"],
      inTests: ["tools/docker", "jobman/scheduler"],
    },
    {
      folder: "jobman/scheduler",
      mayImport: [...tools, "jobman/client"],
      inTests: ["tools/cluster"],
    },
    {
      folder: "jobman/chart",
      mayImport: ["tools/cli", "tools/site", "tools/programs"],
      inTests: ["tools/cluster", "jobman/scheduler"],
    },
    { folder: "init-scripts", mayImport: contents, inTests: ["tools/docker"] },
    { folder: "pip-config", mayImport: contents, inTests: ["tools/docker"] },
    { folder: "application-examples", mayImport: contents, inTests: ["tools/docker"] },
    {
      folder: "images",
      mayImport: [...contents, "jobman/client", "init-scripts", "pip-config", "application-examples"],
      inTests: ["tools/docker", "jobman/scheduler"],
    },
    {
      folder: "scripts",
      mayImport: [
        ...tools,
        "tools/programs",
        "tools/cluster",
        "tools/images",
        "jobman/client",
        "jobman/scheduler",
        "jobman/chart",
      ],
    },
  ],
  reachInside: ["scripts", "images"],
  libraryOwners: {
    dockerode: "tools/docker",
    execa: "tools",
    zx: "scripts",
    protobufjs: "tools/docker",
    fastify: scheduler,
    pino: scheduler,
    "prom-client": scheduler,
    jose: `${scheduler}/platforms/kubernetes`,
    "@kubernetes/client-node": `${scheduler}/platforms/kubernetes`,
    undici: `${scheduler}/platforms/kubernetes`,
  },
  withoutLibraries: [
    "jobman/client/src/entry.ts",
    "jobman/client/src/quick-entry.ts",
    "scripts/bootstrap.mjs",
    "tools/cli/src/index.ts",
  ],
  roots: [
    scheduler,
    `${scheduler}/platforms/docker`,
    `${scheduler}/platforms/kubernetes`,
    "jobman/client/src",
    "tools/docker/src",
    "tools/programs/src",
    clusterTool,
    "tools/images/src",
    "tools/site/src",
    "tools/cli/src",
    "scripts",
  ],
  folders: [
    { folder: `${scheduler}/queue`, mayImport: [] },
    { folder: `${scheduler}/shortening`, mayImport: ["queue"] },
    { folder: `${scheduler}/logs`, mayImport: [] },
    { folder: `${scheduler}/errors`, mayImport: [] },
    { folder: `${scheduler}/diagnostics`, mayImport: [] },
    { folder: `${scheduler}/mutex`, mayImport: [] },
    { folder: `${scheduler}/files`, mayImport: ["mutex"] },
    { folder: `${scheduler}/platforms`, mayImport: lowest },
    { folder: `${scheduler}/records`, mayImport: below.records },
    { folder: `${scheduler}/core`, mayImport: below.core },
    ...["submit", "jobs", "loop"].map((folder) => ({
      folder: `${scheduler}/${folder}`,
      mayImport: below.submit,
    })),
    { folder: `${scheduler}/status`, mayImport: [...below.submit, "jobs"] },
    { folder: `${scheduler}/metrics`, mayImport: [...below.submit, "status"] },
    { folder: `${scheduler}/simulate`, mayImport: ["queue"] },
    { folder: "jobman/client/src/protocol", mayImport: [] },
    ...beneathControlPlane.map((folder) => ({ folder: `${clusterTool}/${folder}`, mayImport: [] })),
    { folder: `${clusterTool}/network`, mayImport: ["processes"] },
    { folder: `${clusterTool}/control-plane`, mayImport: beneathControlPlane },
    { folder: `${clusterTool}/node`, mayImport: beneathNode },
    { folder: `${clusterTool}/cluster`, mayImport: [...beneathNode, "node"] },
    {
      folder: `${clusterTool}/kept`,
      mayImport: ["certificates", "control-plane", "programs", "node", "cluster"],
    },
    ...imagesLadder.map(([folder, mayImport]) => ({ folder: `${imagesTool}/${folder}`, mayImport })),
  ],
  apart: [
    { folder: `${imagesTool}/verbs`, shared: ["verb.ts"] },
    { folder: "jobman/client/src/commands", shared: ["command.ts"] },
  ],
  ownPrograms: ["scripts"],
  misleadingFolders: ["build", "test"],
  exceptions: {
    imports: [
      {
        file: "tools/images/src/family/import-table.ts",
        imports: "computed",
        why: "images/family.ts of the project that the command works on",
      },
      {
        file: "tools/images/bin/make-bundle.mjs",
        imports: "computed",
        why: "the same table, which the command as one file has inside",
      },
      ...["images/python/mirror/start-mirror.ts", "images/python/udocker/make-archives.ts"].map((file) => ({
        file,
        imports: "tools/docker",
        why: "prepares what the layer's tests meet",
      })),
      {
        file: "init-scripts/in-container.ts",
        imports: "tools/docker",
        why: "the containers of the tests beside it",
      },
      {
        file: "scripts/check/imports.test.ts",
        imports: "library",
        why: "its texts break the rules on purpose",
      },
    ],
  },
};
