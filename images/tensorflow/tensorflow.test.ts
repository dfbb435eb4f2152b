import { pythonInImage } from "@workstation/images/test";
import { expect, test } from "vitest";

test("Keras trains a model on TensorFlow, saves it, and predicts the same after loading it", async () => {
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
assert np.allclose(model.predict(x, verbose=0), again.predict(x, verbose=0))
print(keras.backend.backend())
`);
  expect(ended).toMatchObject({ exitCode: 0, stdout: "tensorflow\n" });
});

test("TensorFlow convolves an image in a compiled function", async () => {
  const ended = await pythonInImage(`
import tensorflow as tf
@tf.function
def edges(image):
    kernel = tf.reshape(tf.constant([-1.0, 0.0, 1.0]), (1, 3, 1, 1))
    return tf.nn.conv2d(image, kernel, strides=1, padding="SAME")
image = tf.concat([tf.zeros((1, 4, 4, 1)), tf.ones((1, 4, 4, 1))], axis=2)
found = edges(image)[0, 1, :, 0].numpy()
print([float(value) for value in found])
`);
  expect(ended).toMatchObject({ exitCode: 0, stdout: "[0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, -1.0]\n" });
});

test("a dataset is read in parallel from files", async () => {
  const ended = await pythonInImage(`
import tensorflow as tf
for number in range(8):
    open(f"/tmp/{number}.txt", "w").write(str(number))
files = tf.data.Dataset.list_files("/tmp/*.txt", shuffle=False)
numbers = files.map(lambda name: tf.strings.to_number(tf.io.read_file(name)), num_parallel_calls=4)
print(int(numbers.batch(8).map(tf.reduce_sum).get_single_element()))
`);
  expect(ended).toMatchObject({ exitCode: 0, stdout: "28\n" });
});

test("an import says nothing on stderr", async () => {
  const ended = await pythonInImage("import tensorflow, keras");
  expect(ended.exitCode).toBe(0);
  expect(ended.stderr.split("\n").filter((line) => line !== "" && !line.startsWith("workstation:"))).toEqual(
    [],
  );
});

test("no package of the parent is installed a second time", async () => {
  const ended = await pythonInImage(`
import importlib.metadata as metadata, sysconfig
from collections import Counter
installed = metadata.distributions(path=[sysconfig.get_path("purelib")])
counts = Counter(found.metadata["Name"].lower().replace("_", "-") for found in installed)
assert counts["numpy"] == counts["tensorflow-cpu"] + counts["tensorflow"] == 1, counts
print([name for name, count in counts.items() if count > 1])
`);
  expect(ended).toMatchObject({ exitCode: 0, stdout: "[]\n" });
});
