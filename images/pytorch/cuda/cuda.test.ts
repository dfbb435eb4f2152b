import { pythonOnPromisedGpu } from "@workstation/images/gpu";
import { pythonInImage } from "@workstation/images/test";
import { expect, test } from "vitest";
import { readArchitectures } from "../../python/cuda/cuda-libraries.ts";

test("PyTorch computes on a GPU where one was promised (REQUIRE_GPU), else on the CPU", async () => {
  const ended = await pythonOnPromisedGpu(`
import os, torch
if os.environ["REQUIRE_GPU"] == "1":
    assert torch.cuda.is_available(), "REQUIRE_GPU is set, and PyTorch finds no GPU"
device = "cuda" if torch.cuda.is_available() else "cpu"
product = torch.ones(64, 32, device=device) @ torch.ones(32, 16, device=device)
assert product.device.type == device
print(float(product.sum()))
`);
  expect(ended.exitCode, ended.stderr).toBe(0);
  expect(ended.stdout).toBe("32768.0\n");
});

test("this build is for CUDA 12.6 and the cuDNN of the image", async () => {
  const ended = await pythonInImage(`
import importlib.metadata, torch
print(torch.version.cuda)
major, minor, patch = importlib.metadata.version("nvidia-cudnn-cu12").split(".")[:3]
assert torch.backends.cudnn.version() == int(major) * 10000 + int(minor) * 100 + int(patch)
`);
  expect(ended).toMatchObject({ exitCode: 0, stdout: "12.6\n" });
});

test("its kernels are compiled for the V100 (sm_70) and the A30 (sm_80)", async () => {
  const ended = await pythonInImage(`${readArchitectures}
import importlib.util, os
folder = importlib.util.find_spec("torch").submodule_search_locations[0]
for name in ["libtorch_cuda.so", "libtorch_cuda_linalg.so"]:
    print(name, sorted({70, 80} - architectures(os.path.join(folder, "lib", name))))
`);
  expect(ended).toMatchObject({
    exitCode: 0,
    stdout: "libtorch_cuda.so []\nlibtorch_cuda_linalg.so []\n",
  });
});

test("Triton is there for torch.compile on a GPU", async () => {
  expect(await pythonInImage("import triton; print(triton.__version__.split('.')[0])")).toMatchObject({
    exitCode: 0,
    stdout: "3\n",
  });
});
