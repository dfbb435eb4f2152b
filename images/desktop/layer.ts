import { defineLayer } from "@workstation/images";
import { desktopPorts } from "@workstation/site";
import { desktopConfigFiles, desktopStartFiles } from "../../init-scripts/files.ts";
import { itksnapStages } from "./itksnap/stages.ts";
import { jobmanFiles, jobmanTexts, prepareJobman } from "./jobman/files.ts";
import { desktopPackages } from "./packages.ts";

/** A desktop seen over VNC: LXDE, a browser, viewers of medical images, and jobman. */
export const desktop = defineLayer({
  name: "desktop",
  description: "A desktop seen over VNC: LXDE, browser, viewers of medical images, jobman",
  kind: "desktop",
  addsAtMost: { cpu: 370e6 }, // ITK-SNAP besides, where it can be had
  apt: desktopPackages,
  unusedFiles: ["/etc/ssh/ssh_host_*"], // made when sshd is installed: every desktop would have the same
  files: [...desktopStartFiles, ...jobmanFiles, { from: "images/desktop/rootfs", to: "/" }],
  prepare: () => prepareJobman(),
  rendered: (site) => [...desktopConfigFiles(site), ...jobmanTexts()],
  environment: { WORKSTATION_KIND: "desktop" },
  ports: Object.values(desktopPorts),
  healthcheck: { command: ["workstation-health"], intervalSeconds: 30 },
  stages: itksnapStages,
  setup: "images/desktop/setup.sh",
  command: ["start-desktop"],
});
