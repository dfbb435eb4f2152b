import type { V1Namespace } from "@kubernetes/client-node";
import {
  clusterAnnotations,
  clusterLabels,
  datasetIdPattern,
  type Site,
  splitDatasetList,
} from "@workstation/site";
import type { User } from "../../user.ts";
import type { ClusterConnection } from "../api/connection.ts";
import { paths } from "../api/paths.ts";
import { type ApiObject, createReflector, type Reflected } from "../api/reflector.ts";

/** Who may submit jobs: whoever has a namespace that the operator made, as it says now. */
export interface NamespaceUsers {
  readonly synced: Promise<void>;
  run(signal: AbortSignal): Promise<void>;
  /** The user of that namespace. */
  ofNamespace(name: string): User | undefined;
  byName(name: string): User | undefined;
  all(): readonly User[];
  /** Namespaces that say something of a user and cannot be used. */
  problems(): readonly string[];
}

interface NamespaceView extends Reflected {
  readonly name: string;
  readonly user?: User;
  readonly problem?: string;
}

export function followUsers(options: {
  readonly connection: ClusterConnection;
  readonly site: Pick<Site, "limits">;
  readonly onChange: () => void;
  readonly onFault: (fault: unknown) => void;
}): NamespaceUsers {
  const reflector = createReflector<NamespaceView>({
    connection: options.connection,
    path: paths.namespaces(),
    labelSelector: `${clusterLabels.managed}=true`,
    trim: (object) => readNamespace(object as V1Namespace, options.site),
    onChange: options.onChange,
    onFault: options.onFault,
  });
  const views = () => [...reflector.objects.values()];
  return {
    synced: reflector.synced,
    run: reflector.run,
    ofNamespace: (name) => views().find((view) => view.name === name)?.user,
    byName: (name) => views().find(({ user }) => user?.name === name)?.user,
    all: () => views().flatMap(({ user }) => user ?? []),
    problems: () => views().flatMap(({ problem }) => problem ?? []),
  };
}

function readNamespace(
  object: V1Namespace & ApiObject,
  site: Pick<Site, "limits">,
): NamespaceView | undefined {
  const { uid, resourceVersion, name, labels = {}, annotations = {} } = object.metadata ?? {};
  if (uid === undefined || resourceVersion === undefined || name === undefined) return undefined;
  const view = { uid, resourceVersion, name };
  const user = labels[clusterLabels.user];
  // One for the jobs of all is nobody's.
  if (user === undefined) return view;
  const ids = [clusterAnnotations.uid, clusterAnnotations.gid].map((key) => Number(annotations[key]));
  const [accountId = Number.NaN, groupId = Number.NaN] = ids;
  if (!ids.every((id) => Number.isInteger(id) && id >= site.limits.lowestId)) {
    const wanted = `${clusterAnnotations.uid} and ${clusterAnnotations.gid}, each at least ${site.limits.lowestId}`;
    return { ...view, problem: `namespace ${name} of ${user} has no usable annotations ${wanted}` };
  }
  const datasets = splitDatasetList(annotations[clusterAnnotations.datasets] ?? "");
  const wrong = datasets.find((id) => !datasetIdPattern.test(id));
  if (wrong !== undefined) {
    const where = `annotation ${clusterAnnotations.datasets} of namespace ${name}`;
    return { ...view, problem: `${where} names ${JSON.stringify(wrong)}, which is no dataset id` };
  }
  return { ...view, user: { name: user, uid: accountId, gid: groupId, datasets: datasets.toSorted() } };
}
