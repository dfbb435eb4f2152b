import type { LayerFile, RenderedFile } from "@workstation/images";
import type { Site } from "@workstation/site";

const library = "/usr/local/lib/workstation";
const parts = [
  "log.sh",
  "small-file.sh",
  "user.sh",
  "environment.sh",
  "handed-on.sh",
  "command.sh",
  "init-status.sh",
  "init-file.sh",
  "init-process.sh",
  "job-process.sh",
  "pipe.sh",
];

const desktopParts = [
  "settings.sh",
  "ports.sh",
  "part-id.sh",
  "ends.sh",
  "passwords.sh",
  "host-keys.sh",
  "supervisor.sh",
  "supervisord.conf",
  "wait.sh",
  "xvnc",
  "session",
  "sshd",
  "sshd_config",
  "init-news",
  "watch",
  "answers",
];

/** The start-up scripts, and where they lie in every image. They find each other by these places. */
export const initScriptFiles: readonly LayerFile[] = [
  { from: "init-scripts/entrypoint", to: `${library}/entrypoint`, mode: 0o755 },
  { from: "init-scripts/run-init", to: `${library}/run-init`, mode: 0o755 },
  ...parts.map((name) => ({ from: `init-scripts/${name}`, to: `${library}/${name}`, mode: 0o644 })),
  {
    from: "init-scripts/workstation-init-status",
    to: "/usr/local/bin/workstation-init-status",
    mode: 0o755,
  },
  { from: "init-scripts/init.sh", to: "/usr/local/share/workstation/init.sh", mode: 0o644 },
];

/** What starts a desktop and keeps it alive, for the layer whose command is `start-desktop`. */
export const desktopStartFiles: readonly LayerFile[] = [
  ...["start-desktop", "stop-desktop", "workstation-passwords", "workstation-health"].map((name) => ({
    from: `init-scripts/desktop/${name}`,
    to: `/usr/local/bin/${name}`,
    mode: 0o755,
  })),
  ...desktopParts.map((name) => ({ from: `init-scripts/desktop/${name}`, to: `${library}/desktop/${name}` })),
];

/** What the start-up scripts read of site.yaml: the user's name. */
export function initConfigFiles(site: Pick<Site, "user">): readonly RenderedFile[] {
  return [{ path: "/etc/workstation/user", mode: 0o644, content: `${site.user.name}\n` }];
}

/** What a desktop reads of site.yaml: what may pass in and out of it, as lines that a shell can source. */
export function desktopConfigFiles(site: Pick<Site, "desktop">): readonly RenderedFile[] {
  const { clipboard, files } = site.desktop;
  const lines = Object.entries({
    CLIPBOARD_IN: clipboard.in,
    CLIPBOARD_OUT: clipboard.out,
    FILES_UPLOAD: files.upload,
    FILES_DOWNLOAD: files.download,
  }).map(([name, allowed]) => `${name}=${allowed ? "yes" : "no"}\n`);
  return [{ path: "/etc/workstation/desktop.conf", mode: 0o644, content: lines.join("") }];
}

/** An image's entry point: signals go to the command's whole process group, orphans are reaped. */
export const entrypoint = ["/usr/bin/tini", "-g", "--", `${library}/entrypoint`] as const;
