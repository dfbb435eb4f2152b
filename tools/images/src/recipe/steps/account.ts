import { containerPaths, type Site } from "@workstation/site";
import { indented, runStep, type Step } from "./step.ts";

/**
 * The user, its home, and every folder that desktops and jobs rely on. Anybody may write what the user may, because a
 * container has one user alone, whose uid and gid are not known here; group 0 is the owner for clusters that go by it.
 * Such a uid gets the user's name through libnss-extrausers.
 */
export function accountStep(site: Site): Step {
  const { name, uid, gid } = site.user;
  const paths = containerPaths(site);
  const homes = [paths.datasets, paths.persistentHome, paths.sharedFolder, paths.applicationExamples];
  return runStep("account", {
    commands: [
      `groupadd --gid ${gid} ${name}`,
      `useradd --no-log-init --uid ${uid} --gid ${gid} --create-home --shell /bin/bash ${name}`,
      `mkdir -p${indented([...homes, paths.datalake, paths.jobmanSocketFolder])}`,
      `chown -R ${uid}:0 ${paths.home}`,
      `chmod -R a+rwX ${paths.home}`,
      "install -d -m 1777 /run/workstation",
      "rm -rf /var/lib/extrausers",
      "ln -s /run/workstation/extrausers /var/lib/extrausers",
      ...(site.base.keepBuildCertificates ? ["keep_authorities"] : []),
      "sed -i -E 's/^(passwd|group|shadow):.*/\\1: extrausers files/' /etc/nsswitch.conf",
    ],
  });
}

/** What of it a program of the platform needs, which has no such user: the authorities of a site that keeps them. */
export function authoritiesStep({ base }: Site): Step | undefined {
  return base.keepBuildCertificates ? runStep("account", { commands: ["keep_authorities"] }) : undefined;
}
