import type { Asset, BuildStage } from "@workstation/images";

/**
 * ITK-SNAP (GPL-3.0), in no distribution. The hashes are those that packagers recorded: of 4.2.0 a recipe for Spack, of
 * 3.6.0 nixpkgs. A file with another hash is refused.
 */
const releases = [
  {
    name: "itksnap-4",
    file: "4.2.0/itksnap-4.2.0-20240422-Linux-gcc64.tar.gz",
    sha256: "1dd8283b195d0313ea56977d9fe12ea2edffcb234a527314359b8530c3928421",
  },
  {
    // Shows volumes whose axes are not at right angles, which 4 refuses.
    name: "itksnap-3.6",
    file: "3.6.0/itksnap-3.6.0-20170401-Linux-x86_64.tar.gz",
    sha256: "ff7cd3f959617e6f13441b7f7ba1677a92eeb155ff17ed8bad06f364f8badda2",
  },
] as const;

/** One stage a release: program, command and menu entry come together, or none of them. */
export const itksnapStages: readonly BuildStage[] = releases.map(({ name, file, sha256 }) => ({
  name: name.replace(".", "-"),
  apt: { "ubuntu-22.04": [], "debian-12": [] },
  script: "images/desktop/itksnap/unpack.sh",
  sources: [name, `${name}.desktop`].map((each) => ({ from: `images/desktop/itksnap/${each}`, to: each })),
  assets: [assetOf(file, sha256)],
  produces: [
    { from: "itksnap", to: `/opt/${name}` },
    { from: name, to: `/usr/local/bin/${name}`, mode: 0o755 },
    { from: `${name}.desktop`, to: `/usr/local/share/applications/${name}.desktop`, mode: 0o644 },
  ],
}));

function assetOf(file: string, sha256: string): Asset {
  return {
    name: "itksnap",
    version: file.slice(0, file.indexOf("/")),
    url: `https://downloads.sourceforge.net/project/itk-snap/itk-snap/${file}`,
    sha256,
    to: "itksnap.tar.gz",
    addsAtMost: 150e6,
  };
}
