import { createRequire } from "node:module";
import protobuf from "protobufjs";

/** Something BuildKit said about a build. */
export type BuildEvent =
  | { readonly type: "step"; readonly step: string; readonly name: string; readonly state: StepState }
  | { readonly type: "failed"; readonly step: string; readonly error: string }
  | {
      readonly type: "output";
      readonly step: string;
      readonly stream: "stdout" | "stderr";
      readonly text: string;
    };
type StepState = "started" | "cached" | "done";

/** Reads one `moby.buildkit.trace` message (base64 of a protobuf StatusResponse; BuildKit's control.proto). */
export function decodeTrace(base64: string): readonly BuildEvent[] {
  const status = statusType().decode(Buffer.from(base64, "base64")) as unknown as Status;
  return [
    ...status.vertexes.flatMap(stepEvents),
    ...status.logs.map(
      (log): BuildEvent => ({
        type: "output",
        step: log.vertex,
        stream: Number(log.stream) === 2 ? "stderr" : "stdout",
        text: Buffer.from(log.msg).toString("utf8"),
      }),
    ),
  ];
}

interface Status {
  readonly vertexes: readonly Vertex[];
  readonly logs: readonly { readonly vertex: string; readonly stream: unknown; readonly msg: Uint8Array }[];
}

interface Vertex {
  readonly digest: string;
  readonly name: string;
  readonly cached: boolean;
  readonly started: object | null;
  readonly completed: object | null;
  readonly error: string;
}

function stepEvents(vertex: Vertex): readonly BuildEvent[] {
  if (vertex.error !== "") return [{ type: "failed", step: vertex.digest, error: vertex.error }];
  const state = stateOf(vertex);
  return state === undefined ? [] : [{ type: "step", step: vertex.digest, name: vertex.name, state }];
}

function stateOf(vertex: Vertex): StepState | undefined {
  if (vertex.cached) return "cached";
  if (vertex.completed) return "done";
  return vertex.started ? "started" : undefined;
}

let loaded: protobuf.Type | undefined;

function statusType(): protobuf.Type {
  loaded ??= protobuf
    .loadSync(createRequire(import.meta.url).resolve("dockerode/lib/proto/buildkit_status.proto"))
    .lookupType("moby.buildkit.v1.StatusResponse");
  return loaded;
}
