import { pythonInImage } from "@workstation/images/test";
import { expect, test } from "vitest";

/** Each instruction set that is tried, and each helper, imports torch anew: the compiler is what the test is about. */
const quickCompile = { TORCHINDUCTOR_VEC_ISA_OK: "0", TORCHINDUCTOR_COMPILE_THREADS: "1" };

test("PyTorch trains a small model, saves it, and predicts the same after loading it", async () => {
  const ended = await pythonInImage(`
import torch
torch.manual_seed(1)
model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters(), 0.05)
x = torch.rand(128, 4)
y = x.sum(1, keepdim=True)
losses = []
for _ in range(100):
    loss = torch.nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    losses.append(loss.item())
assert losses[-1] < losses[0] / 4, losses
torch.save(model.state_dict(), "/tmp/model.pt")
again = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
again.load_state_dict(torch.load("/tmp/model.pt", weights_only=True))
print(torch.allclose(model(x), again(x)))
`);
  expect(ended).toMatchObject({ exitCode: 0, stdout: "True\n" });
});

test("Keras trains a model on PyTorch, saves it, and predicts the same after loading it", async () => {
  const ended = await pythonInImage(`
import keras, numpy as np
keras.utils.set_random_seed(1)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mse")
x = np.random.default_rng(1).random((128, 4)).astype("float32")
loss = model.fit(x, x.sum(axis=1), epochs=20, verbose=0).history["loss"]
assert loss[-1] < loss[0] / 4, loss
model.save("/tmp/model.keras")
again = keras.models.load_model("/tmp/model.keras")
assert np.allclose(model.predict(x, verbose=0), again.predict(x, verbose=0), atol=1e-6)
print(keras.backend.backend())
`);
  expect(ended).toMatchObject({ exitCode: 0, stdout: "torch\n" });
});

test("torch.compile compiles a function, and it computes the same", async () => {
  const ended = await pythonInImage(
    `
import torch
def edges(image):
    return torch.nn.functional.conv2d(image, torch.tensor([[[[-1.0, 0.0, 1.0]]]]), padding=(0, 1)).relu() + 1
image = torch.rand(1, 1, 16, 16)
print(torch.allclose(torch.compile(edges)(image), edges(image)))
`,
    { environment: quickCompile },
  );
  expect(ended).toMatchObject({ exitCode: 0, stdout: "True\n" });
});

test("a volume of NumPy is shared with PyTorch, not copied", async () => {
  const ended = await pythonInImage(`
import numpy as np, torch
volume = np.zeros((4, 4, 4), dtype="float32")
torch.from_numpy(volume)[1, 2, 3] = 7
print(float(volume[1, 2, 3]))
`);
  expect(ended).toMatchObject({ exitCode: 0, stdout: "7.0\n" });
});

test("workers read data through shared memory", async () => {
  const ended = await pythonInImage(`
import torch
from torch.utils.data import DataLoader, TensorDataset
loader = DataLoader(TensorDataset(torch.arange(64.0)), batch_size=8, num_workers=2)
print(float(sum(batch.sum() for (batch,) in loader)))
`);
  expect(ended).toMatchObject({ exitCode: 0, stdout: "2016.0\n" });
});

test("an import says nothing on stderr, and no package of the parent is installed a second time", async () => {
  const ended = await pythonInImage(`
import importlib.metadata as metadata, sysconfig
import torch, keras
from collections import Counter
installed = metadata.distributions(path=[sysconfig.get_path("purelib")])
counts = Counter(found.metadata["Name"].lower().replace("_", "-") for found in installed)
assert counts["numpy"] == counts["torch"] == 1, counts
print([name for name, count in counts.items() if count > 1])
`);
  expect(ended).toMatchObject({ exitCode: 0, stdout: "[]\n" });
  expect(ended.stderr.split("\n").filter((line) => line !== "" && !line.startsWith("workstation:"))).toEqual(
    [],
  );
});
