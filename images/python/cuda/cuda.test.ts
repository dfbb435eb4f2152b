import { pythonOnPromisedGpu } from "@workstation/images/gpu";
import { pythonInImage, shellInImage } from "@workstation/images/test";
import { expect, test } from "vitest";
import { findLibraries } from "./cuda-libraries.ts";

test("each CUDA library is there exactly once, wherever in the image it could lie", async () => {
  const ended = await pythonInImage(`${findLibraries}
copies = collections.defaultdict(set)
for path in shared_objects("/usr", "/opt", "/home"):
    name = os.path.basename(path)
    if name.startswith(("libcu", "libnv", "libnccl")):
        copies[name.split(".so")[0]].add(os.path.realpath(path))
wanted = ["cublas", "cublasLt", "cudart", "cudnn", "cufft", "cupti", "curand", "cusolver", "cusparse"]
missing = [name for name in wanted + ["nccl"] if "lib" + name not in copies]
print(missing, {name: sorted(paths) for name, paths in copies.items() if len(paths) > 1})
`);
  expect(ended.stdout.split("\n")[0]).toBe("[] {}");
  expect(ended.exitCode).toBe(0);
});

test.each(["RTLD_LAZY", "RTLD_NOW"])("every CUDA library loads without a GPU (%s)", async (mode) => {
  const ended = await pythonInImage(`${findLibraries}
def load(path):
    program = "import ctypes, os, sys; ctypes.CDLL(sys.argv[1], mode=os.${mode} | os.RTLD_LOCAL)"
    return subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True)
assert len(libraries) >= 15, libraries
for path in libraries:
    done = load(path)
    if done.returncode != 0:
        print(path, done.stderr.strip().splitlines()[-1:])
`);
  expect(ended).toMatchObject({ exitCode: 0, stdout: "" });
});

test("the loader finds them by name alone, and nobody's LD_LIBRARY_PATH is set", async () => {
  const ended = await shellInImage(
    `echo "$LD_LIBRARY_PATH"; python3 -c "import ctypes; print(ctypes.CDLL('libcudart.so.12') and ctypes.CDLL('libcudnn.so.9') and 'found')"`,
  );
  expect(ended).toMatchObject({ exitCode: 0, stdout: "\nfound\n" });
});

test("the CUDA runtime uses a GPU where one was promised (REQUIRE_GPU), else it says that none is there", async () => {
  const ended = await pythonOnPromisedGpu(`
import ctypes, os
runtime = ctypes.CDLL("libcudart.so.12")
runtime.cudaGetErrorName.restype = ctypes.c_char_p
def call(name, *arguments):
    return runtime.cudaGetErrorName(getattr(runtime, name)(*arguments)).decode()
count = ctypes.c_int(0)
found = call("cudaGetDeviceCount", ctypes.byref(count))
if os.environ["REQUIRE_GPU"] == "1":
    assert count.value > 0, "REQUIRE_GPU is set, and the CUDA runtime finds no GPU: " + found
    size, there, back = ctypes.c_size_t(64), ctypes.c_void_p(), ctypes.create_string_buffer(64)
    to_host = 2
    done = [
        call("cudaMalloc", ctypes.byref(there), size),
        call("cudaMemset", there, 7, size),
        call("cudaMemcpy", back, there, size, to_host),
    ]
    assert done == ["cudaSuccess"] * 3 and back.raw == bytes([7] * 64), done
print(found)
`);
  expect(ended.exitCode, ended.stderr).toBe(0);
  expect(ended.stdout).toMatch(/^cuda(ErrorInsufficientDriver|ErrorNoDevice|Success)/);
});
