import {
  chownSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import type { Reporter } from "@workstation/cli";
import { type Ask, askKept } from "@workstation/cluster";
import { userManifests } from "@workstation/scheduler/user-manifests";
import { parseSite, stateFolders } from "@workstation/site";
import { shellWord } from "../../tools/images/src/run/again-command.ts";
import { projectPath } from "../start/context.ts";
import { apply } from "./apply.ts";
import { type ClusterRun, jobmanSettings, keptOf } from "./cluster-run.ts";

/** Of the example's user; no account of this machine needs it. */
const uid = 20_000;
const storageClass = "this-machine";
const tokenSeconds = 86_400;

/** Makes the example's user: namespace, storage on this machine's disk, rights, and a token for a day. */
export async function makeUser(run: ClusterRun, reporter: Reporter): Promise<void> {
  const ask = askKept(keptOf(run.at));
  const site = parseSite(readFileSync(run.at.siteFile, "utf8"), run.at.siteFile);
  const user = { name: run.user, uid, gid: uid, datasets: [run.dataset] };
  makeHome(run);
  await apply(ask, userManifests(site, user, { homeClass: storageClass }));
  await apply(ask, volumesOf(run));
  writeFileSync(run.at.token, await tokenOf(ask, run), { mode: 0o600 });
  const settings = Object.entries(jobmanSettings(run.at)).filter(([, value]) => value !== "");
  writeFileSync(
    run.at.environment,
    settings.map(([name, value]) => `export ${name}=${shellWord(value)}\n`).join(""),
  );
  reporter.info(`${run.user} (uid ${uid}) in ${run.namespace}, home ${run.persistentHome}`);
}

function makeHome(run: ClusterRun): void {
  const { sharedFolder } = stateFolders(run.at.data);
  for (const folder of [run.persistentHome, sharedFolder]) {
    if (existsSync(folder)) continue;
    mkdirSync(folder, { recursive: true });
    chownSync(folder, uid, uid);
  }
  if (existsSync(run.initFile)) return;
  copyFileSync(projectPath("init-scripts/init.sh"), run.initFile, constants.COPYFILE_EXCL);
  chownSync(run.initFile, uid, uid);
}

/** The claims of the user's namespace get folders of this machine. */
function volumesOf({ at, namespace, persistentHome, site }: ClusterRun) {
  const folders = stateFolders(at.data);
  const { volumes } = site.kubernetes;
  const places = [
    { volume: volumes.persistentHome, path: persistentHome, mode: "ReadWriteMany", home: true },
    { volume: volumes.sharedFolder, path: folders.sharedFolder, mode: "ReadWriteMany" },
    { volume: volumes.datasets, path: folders.datasets, mode: "ReadOnlyMany" },
    { volume: volumes.datalake, path: folders.datalake, mode: "ReadOnlyMany" },
  ];
  return places.flatMap(({ volume, path, mode, home }) => {
    if (volume === null) return [];
    const name = volume.claim;
    const spec = {
      capacity: { storage: "100Gi" },
      accessModes: [mode],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: home ? storageClass : "",
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name },
      hostPath: { path, type: "Directory" },
    };
    const metadata = { name: `${namespace}-${name}` };
    return [{ apiVersion: "v1", kind: "PersistentVolume", metadata, spec }];
  });
}

/** What a desktop of the user's would be given. */
async function tokenOf(ask: Ask, { namespace, site }: ClusterRun): Promise<string> {
  const answer = await ask({
    method: "POST",
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/default/token`,
    body: { spec: { audiences: [site.kubernetes.audience], expirationSeconds: tokenSeconds } },
  });
  if (answer.status !== 201) throw new Error(`no token for ${namespace}: ${answer.text}`);
  return answer.json().status.token;
}
