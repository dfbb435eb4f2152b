import { describe, expect, test } from "vitest";
import { rulesObstacle, useRules } from "../../src/testing/use-rules.ts";

const obstacle = rulesObstacle();

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** What every account may: ask what it may. */
const everybodys = ["authorization.k8s.io", "authentication.k8s.io/selfsubjectreviews"];

describe.skipIf(obstacle !== undefined)(`the rights of the scheduler's account ${obstacle ?? ""}`, () => {
  const rules = useRules();

  /** `verb resource` or `verb resource/name`, all of them. */
  const rightsIn = async (namespace: string): Promise<readonly string[]> => {
    const answer = await rules().scheduler({
      method: "POST",
      path: "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
      body: { spec: { namespace } },
    });
    const { resourceRules } = answer.json().status as { readonly resourceRules: readonly Rule[] };
    return resourceRules
      .filter(
        ({ apiGroups, resources }) =>
          !everybodys.includes(apiGroups[0] ?? "") && !everybodys.includes(`${apiGroups}/${resources}`),
      )
      .flatMap(rightsOf)
      .sort();
  };

  const everywhere = [
    "create tokenreviews",
    "get jobs",
    "list jobs",
    "list namespaces",
    "list nodes",
    "list pods",
    "watch jobs",
    "watch namespaces",
    "watch pods",
  ];

  test("are to read the queue everywhere", async () => {
    for (const namespace of ["default", "kube-system"]) expect(await rightsIn(namespace)).toEqual(everywhere);
  });

  test("are to keep jobs in users' namespaces, and to read no secret there", async () => {
    const there = [
      "create configmaps",
      "create jobs",
      "create secrets",
      "delete jobs",
      "get configmaps/main-active-jobs",
      "get pods/log",
      "patch jobs",
      "patch pods",
      "update configmaps/main-active-jobs",
    ];
    expect(await rightsIn("user-anna")).toEqual([...everywhere, ...there].sort());
  });

  test("are to keep its lease and ledgers in its own", async () => {
    const own = ["configmaps", "leases"].flatMap((each) =>
      ["create", "get", "update"].map((verb) => `${verb} ${each}`),
    );
    expect(await rightsIn("workstation")).toEqual([...everywhere, ...own].sort());
  });

  test("are given by these bindings and no other, in whatever namespace", async () => {
    expect(await bindings("rolebindings")).toEqual([
      "user-anna: ClusterRole workstation-scheduler-jobs",
      "user-bob: ClusterRole workstation-scheduler-jobs",
      "workstation: Role scheduler",
    ]);
    const ofAll = await bindings("clusterrolebindings");
    expect(ofAll.filter((each) => !each.includes("ClusterRole system:"))).toEqual([
      "everywhere: ClusterRole workstation-scheduler-reads",
    ]);
  });

  /** Where a binding gives the scheduler's account, or a group that it is of, which role. */
  const bindings = async (plural: string): Promise<readonly string[]> => {
    const answer = await rules().administrator({ path: `/apis/rbac.authorization.k8s.io/v1/${plural}` });
    const { items } = answer.json() as { readonly items: readonly Binding[] };
    return items
      .filter(({ subjects = [] }) => subjects.some(isTheScheduler))
      .map(
        ({ metadata, roleRef }) => `${metadata.namespace ?? "everywhere"}: ${roleRef.kind} ${roleRef.name}`,
      )
      .sort();
  };
});

interface Binding {
  readonly metadata: { readonly namespace?: string };
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly Subject[];
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

const groups = ["system:serviceaccounts", "system:serviceaccounts:workstation", "system:authenticated"];

function isTheScheduler({ kind, name, namespace }: Subject): boolean {
  if (kind === "Group") return groups.includes(name);
  if (kind === "User") return name === "system:serviceaccount:workstation:scheduler";
  return name === "scheduler" && namespace === "workstation";
}

function rightsOf({ resources, resourceNames, verbs }: Rule): readonly string[] {
  const names = resourceNames === undefined ? [""] : resourceNames.map((name) => `/${name}`);
  return resources.flatMap((resource) =>
    names.flatMap((name) => verbs.map((verb) => `${verb} ${resource}${name}`)),
  );
}
