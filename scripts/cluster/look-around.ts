import { shellWord } from "../../tools/images/src/run/again-command.ts";
import { type ClusterRun, keptOf } from "./cluster-run.ts";

/** What to look at next, and how all of it goes. */
export function lookAround(
  run: ClusterRun,
  {
    job,
    took,
    folder,
  }: {
    readonly job: { readonly name: string; readonly exitCode: number; readonly result: string };
    readonly took: string;
    readonly folder: string | undefined;
  },
): readonly string[] {
  const kept = keptOf(run.at);
  const again = folder === undefined ? "" : ` --folder ${shellWord(folder)}`;
  return [
    "",
    `job       ${job.name}: exit ${job.exitCode}`,
    `result    ${job.result}`,
    `took      ${took}`,
    "",
    "The cluster keeps running. In a shell, for as long as the token is good (a day; the next run makes another):",
    `  . ${shellWord(run.at.environment)}`,
    "  npm run --silent jobman -- resources-flavors",
    "  npm run --silent jobman -- submit --wait -- python -c 'import pydicom; print(pydicom.__version__)'",
    "Its own objects, with kubectl:",
    `  export KUBECONFIG=${shellWord(kept.kubeconfig)}`,
    "  kubectl get pods,jobs --all-namespaces; kubectl --namespace workstation logs deployment/scheduler",
    `Logs of its node (kubelet, containerd): ${kept.nodeFolder}`,
    "Its network does not keep to NetworkPolicies; a site's has to.",
    `npm run cluster -- stop${again}   removes all of it, the user's home too`,
  ];
}
