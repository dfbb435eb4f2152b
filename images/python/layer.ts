import { type Asset, defineLayer } from "@workstation/images";
import { applicationExampleFiles } from "../../application-examples/files.ts";
import { entrypoint, initConfigFiles, initScriptFiles } from "../../init-scripts/files.ts";
import { pipConfigFiles, pipConfigScripts } from "../../pip-config/render.ts";

const packages = [
  "ca-certificates",
  "curl",
  "less",
  "libatomic1",
  "libnss-extrausers",
  "libstdc++6",
  "patchelf",
  "procps",
  "python-is-python3",
  "python3",
  "python3-pip",
  "python3-venv",
  "tini",
  "unzip",
  "vim",
  "wget",
];

const prootNeeds = ["gcc", "libc6-dev", "libtalloc-dev", "make", "pkg-config", "uthash-dev"];

/** GPL-2.0-or-later; what the distributions call the original is the maker's archive as it was. */
const prootSource: Asset = {
  name: "proot",
  version: "5.4.0",
  url: "https://github.com/proot-me/proot/archive/refs/tags/v5.4.0.tar.gz",
  sha256: "29248aac2a7ce10c3bd5ee5602742ec33b2532310ff9cf73b79f3c133e5a5f68",
  archivePaths: ["main", "universe"].map((part) => `pool/${part}/p/proot/proot_5.4.0.orig.tar.gz`),
  to: "proot-5.4.0.tar.gz",
};

/** Python with the research libraries, poetry, uv and uDocker: the layer that every image has. */
export const python = defineLayer({
  name: "python",
  description: "Python with the imaging and research libraries, poetry, uv, vim and uDocker",
  variants: ["cpu", "cuda"],
  majors: { cuda: 12 },
  addsAtMost: { cpu: 420e6, cuda: 1_980e6 },
  apt: packages,
  python: true,
  tools: { path: "/opt/tools", commands: ["poetry", "udocker", "uv", "uvx"] },
  files: [
    ...initScriptFiles,
    ...pipConfigScripts,
    ...applicationExampleFiles,
    { from: "images/python/rootfs", to: "/" },
  ],
  rendered: (site) => [...initConfigFiles(site), ...pipConfigFiles(site)],
  environment: {
    LANG: "C.UTF-8",
    UDOCKER_BIN: "/opt/udocker/bin",
    UDOCKER_LIB: "/opt/udocker/lib",
    UV_HTTP_RETRIES: "1", // uv's own three make a user without a network wait for 6 s
  },
  stages: [
    {
      name: "proot",
      apt: { "ubuntu-22.04": prootNeeds, "debian-12": prootNeeds },
      script: "images/python/proot/build.sh",
      assets: [prootSource],
      produces: [{ from: "proot", to: "/opt/udocker/bin/proot-x86_64", mode: 0o755 }],
    },
  ],
  setup: "images/python/setup.sh",
  testedThrough: ["init-scripts/wheel.ts"],
  entrypoint,
  command: ["/bin/bash"],
  additions: {
    cuda: {
      description:
        "All of ubuntu-python, and the CUDA libraries that TensorFlow and PyTorch share, once each",
      // A solver for several GPUs at once, which neither loads; jobs have one GPU.
      unusedPackages: ["nvidia/cusolver/lib/libcusolverMg.so.11"],
      // What the host's container toolkit brings in from its driver: libcuda and nvidia-smi.
      environment: { NVIDIA_DRIVER_CAPABILITIES: "compute,utility" },
      setup: "images/python/cuda/setup.sh",
    },
  },
});
