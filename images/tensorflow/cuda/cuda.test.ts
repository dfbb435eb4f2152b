import { pythonOnPromisedGpu } from "@workstation/images/gpu";
import { pythonInImage } from "@workstation/images/test";
import { expect, test } from "vitest";
import { readArchitectures } from "../../python/cuda/cuda-libraries.ts";

test("TensorFlow computes on a GPU where one was promised (REQUIRE_GPU), else on the CPU", async () => {
  const ended = await pythonOnPromisedGpu(`
import os, tensorflow as tf
gpus = tf.config.list_physical_devices("GPU")
if os.environ["REQUIRE_GPU"] == "1":
    assert gpus, "REQUIRE_GPU is set, and TensorFlow finds no GPU"
with tf.device("GPU:0" if gpus else "CPU:0"):
    product = tf.linalg.matmul(tf.ones((64, 32)), tf.ones((32, 16)))
assert ("GPU" in product.device) == bool(gpus), product.device
print(float(tf.reduce_sum(product)))
`);
  expect(ended.exitCode, ended.stderr).toBe(0);
  expect(ended.stdout).toBe("32768.0\n");
});

test("this build is for CUDA 12 and cuDNN 9, which the image has", async () => {
  const ended = await pythonInImage(`
import tensorflow as tf
build = tf.sysconfig.get_build_info()
print(build["is_cuda_build"], build["cuda_version"].split(".")[0], build["cudnn_version"])
`);
  expect(ended).toMatchObject({ exitCode: 0, stdout: "True 12 9\n" });
});

test("its kernels are compiled for the V100 (sm_70) and the A30 (sm_80)", async () => {
  const ended = await pythonInImage(`${readArchitectures}
import importlib.util, os
folder = importlib.util.find_spec("tensorflow").submodule_search_locations[0]
print(sorted({70, 80} - architectures(os.path.join(folder, "libtensorflow_cc.so.2"))))
`);
  expect(ended).toMatchObject({ exitCode: 0, stdout: "[]\n" });
});

test("XLA finds its assembler and device code", async () => {
  const ended = await pythonInImage(`
import os, subprocess, nvidia.cuda_nvcc as nvcc
folder = list(nvcc.__path__)[0]
print(subprocess.run([os.path.join(folder, "bin", "ptxas"), "--version"], capture_output=True, text=True).stdout.splitlines()[-2])
print(os.path.exists(os.path.join(folder, "nvvm", "libdevice", "libdevice.10.bc")))
`);
  expect(ended).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/release 12\..*\nTrue\n$/) });
});
