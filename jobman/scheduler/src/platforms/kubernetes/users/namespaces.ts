import type { V1Namespace } from "@kubernetes/client-node";
import { clusterLabels, type Site } from "@workstation/site";
import type { User } from "../../user.ts";
import type { ClusterConnection } from "../api/connection.ts";
import { paths } from "../api/paths.ts";
import { type ApiObject, createReflector } from "../api/reflector.ts";
import { readUser } from "./read-user.ts";
import { createUserIndex, type NamespaceView } from "./user-index.ts";

/** Who may submit jobs: whoever has a namespace that the operator made, as it says now. */
export interface NamespaceUsers {
  readonly synced: Promise<void>;
  run(signal: AbortSignal): Promise<void>;
  /** The user of that namespace. */
  ofNamespace(name: string): User | undefined;
  byName(name: string): User | undefined;
  all(): readonly User[];
  /** What is wrong with namespaces that name a user. */
  problems(): readonly string[];
}

export function followUsers(options: {
  readonly connection: ClusterConnection;
  readonly site: Pick<Site, "limits" | "kubernetes">;
  readonly onChange: () => void;
  readonly onFault: (fault: unknown) => void;
}): NamespaceUsers {
  const { connection, site, onChange, onFault } = options;
  const index = createUserIndex((user) => `${site.kubernetes.namespacePrefix}${user}`);
  const reflector = createReflector<NamespaceView>({
    ...{ connection, onFault },
    path: paths.namespaces(),
    labelSelector: `${clusterLabels.managed}=true`,
    trim: (object) => viewOf(object as V1Namespace, site),
    onChange: (uid, view) => {
      index.note(uid, view);
      onChange();
    },
  });
  const { ofNamespace, byName, all, problems } = index;
  return { synced: reflector.synced, run: reflector.run, ofNamespace, byName, all, problems };
}

function viewOf(object: V1Namespace & ApiObject, site: Pick<Site, "limits">): NamespaceView | undefined {
  const { uid, resourceVersion, name, labels = {}, annotations = {} } = object.metadata ?? {};
  if (uid === undefined || resourceVersion === undefined || name === undefined) return undefined;
  return { uid, resourceVersion, name, ...readUser({ name, labels, annotations }, site) };
}
