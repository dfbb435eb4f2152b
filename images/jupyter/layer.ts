import { defineLayer } from "@workstation/images";

/** JupyterLab and Jupyter Notebook on a desktop, for the user who sits at it alone. */
export const jupyter = defineLayer({
  name: "jupyter",
  description: "A desktop with JupyterLab and Jupyter Notebook",
  kind: "desktop",
  addsAtMost: { cpu: 80e6 },
  python: true,
  // Entries of the menu that start Jupyter without our rules.
  unusedPackages: ["jupyterlab", "jupyter-notebook"].map(
    (name) => `../../../share/applications/${name}.desktop`,
  ),
  files: [{ from: "images/jupyter/rootfs", to: "/" }],
  setup: "images/jupyter/setup.sh",
  testedThrough: ["jobman/{client,scheduler}/src/**/*.ts"], // its notebook sends a job to a real scheduler
});
