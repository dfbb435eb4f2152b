import { parseDocument } from "yaml";

/**
 * The text of site.yaml with flavors that one node of this size can run beside the scheduler: the cores and memory of each job
 * are at most half of what there is. All else is the site's.
 */
export function siteHere(
  text: string,
  node: { readonly cores: number; readonly memoryBytes: number },
): string {
  const document = parseDocument(text);
  const { flavors } = document.toJS() as { readonly flavors: readonly { readonly cores: number }[] };
  flavors.forEach(({ cores }, index) => {
    document.setIn(["flavors", index, "cores"], Math.min(cores, node.cores / 2));
    document.setIn(["flavors", index, "memory"], `${Math.floor(node.memoryBytes / 2e9)}GB`);
    document.deleteIn(["flavors", index, "burstCores"]);
  });
  return document.toString({ lineWidth: 0 });
}
