import { readCredentials } from "../../platforms/kubernetes/api/credentials.ts";
import { clusterFlavors } from "../../platforms/kubernetes/capacity/cluster-flavors.ts";
import { startReplica } from "./replica.ts";

// A replica as a process of its own: what it is told comes as JSON, where it listens and whether it leads goes out.

const { kubeconfig, site, instance } = JSON.parse(process.argv[2] ?? "{}");
const flavors = clusterFlavors(site, { nodes: [], known: 0 });
const replica = await startReplica({
  ...{ site, instance, credentials: await readCredentials(kubeconfig) },
  flavors: {
    now: () => flavors,
    follow: async function* () {
      yield flavors;
    },
  },
});
console.log(JSON.stringify({ address: replica.address }));

let led = false;
setInterval(() => {
  if (replica.leads() === led) return;
  led = !led;
  console.log(JSON.stringify({ leads: led }));
}, 20);
process.once("SIGTERM", () => void replica.stop().then(() => process.exit(0)));
