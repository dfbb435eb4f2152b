import { defineLayer } from "@workstation/images";

// torch.compile writes C++ and compiles it; on a GPU also Triton's small loaders.
const compiler = ["g++", "libpython3-dev"];

/** PyTorch and Keras, computing on the CPU, or on a GPU with the CUDA libraries of the layer below. */
export const pytorch = defineLayer({
  name: "pytorch",
  description: "Python with the imaging and research libraries, and PyTorch with Keras",
  variants: ["cpu", "cuda"],
  addsAtMost: { cpu: 480e6, cuda: 2_100e6 },
  apt: compiler,
  python: true,
  // PyPI has the build for CUDA alone.
  indexes: { cpu: "https://download.pytorch.org/whl/cpu" },
  environment: { KERAS_BACKEND: "torch" },
  additions: {
    cuda: {
      unusedPackages: [
        // A second CUPTI, and the profiler that is its only user.
        "triton/backends/nvidia/lib/cupti",
        "triton/profiler",
        "triton/_C/libproton.so",
        // Direct reads from disk into a GPU over RDMA: needs the host's network drivers.
        "nvidia/cufile/lib/libcufile_rdma.so.1",
      ],
    },
  },
});
