/** Where the Jobs of a namespace are. */
export const jobsOf = (namespace: string): string => `/apis/batch/v1/namespaces/${namespace}/jobs`;

/** Parts of a Job, each added to a plain one or in the place of what it says. */
export interface JobParts {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly metadata?: object;
  readonly spec?: object;
  readonly podMetadata?: object;
  readonly pod?: object;
  readonly container?: object;
}

/** A Job as somebody writes it who knows nothing of the queue. */
export function jobOf({
  name = "try",
  labels,
  annotations,
  metadata,
  spec,
  podMetadata,
  pod,
  container,
}: JobParts) {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, labels, annotations, ...metadata },
    spec: {
      ...spec,
      template: {
        metadata: podMetadata,
        spec: {
          restartPolicy: "Never",
          containers: [{ name: "main", image: "ubuntu-python:latest", command: ["true"], ...container }],
          ...pod,
        },
      },
    },
  };
}
