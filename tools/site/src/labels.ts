/** Labels of an image: what the queue and the tools know of it without starting it. */
export const imageLabels = {
  name: "workstation.image.name",
  /** `batch` or `desktop`. */
  kind: "workstation.image.kind",
  variant: "workstation.image.variant",
  /** `true` or `false`: whether it is made for a GPU; an image of an older build does not say. */
  needsGpu: "workstation.image.needs-gpu",
  key: "workstation.image.key",
  /** Hashes of what the image was made from, as JSON: by them a plan names what changed. */
  inputs: "workstation.image.inputs",
  layers: "workstation.image.layers",
  distribution: "workstation.image.distribution",
  readme: "workstation.image.readme",
  /** Assets that could not be fetched when the image was built, separated by blanks. */
  missingAssets: "workstation.image.missing-assets",
  /** Random name of the test run that made the object; absent on a site's own images. */
  testRun: "workstation.test-run",
} as const;

/** How tags begin that name one content of a family image; they can be named, and nobody types them. */
export const contentTagStart = "key-";

/** How tags begin that say which tests a family image has passed; nobody runs an image by them. */
export const passedTestsTag = "tests-";

/** Labels of a container or network that the Docker engine made. */
export const containerLabels = {
  /** Which scheduler owns the object; nothing without our instance's label is ever touched. */
  instance: "workstation.instance",
  kind: "workstation.kind",
  id: "workstation.job.id",
  owner: "workstation.job.owner",
  flavor: "workstation.job.flavor",
  sequence: "workstation.job.sequence",
  /** The GPU that the container was given. */
  device: "workstation.job.device",
  /** Where the state folder lies that an instance belongs to. */
  state: "workstation.scheduler.state",
  /** The whole job specification, as JSON. */
  spec: "workstation.job.spec",
} as const;

/** Labels of what only a cluster has; its jobs carry those of `containerLabels`. */
export const clusterLabels = {
  /** `true` on a namespace whose jobs the scheduler runs. */
  managed: "workstation.managed",
  /** On a namespace: whose it is. */
  user: "workstation.user",
  /** On a ledger: of which flavor. */
  ledger: "workstation.ledger",
} as const;

/** Annotations of what only a cluster has. */
export const clusterAnnotations = {
  /** On a user's namespace: the ids that jobs run as, and the datasets that were granted, separated by commas. */
  uid: "workstation.uid",
  gid: "workstation.gid",
  datasets: "workstation.datasets",
  /** On a job: what was submitted and the object cannot show, as JSON. */
  request: "workstation.job.request",
  /** On a waiting job: when the queue took back a slot that it had been given, because its owner is at the cap. */
  passedOver: "workstation.job.passed-over",
  /** On a job: who or what asked for its end, as JSON. */
  stop: "workstation.job.stop",
} as const;

/** Users may add labels, but never under this prefix. */
export const reservedLabelPrefix = "workstation.";
