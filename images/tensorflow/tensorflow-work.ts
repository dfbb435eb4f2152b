/** As `libraryWork` of the layer below: TensorFlow and Keras do small real pieces of work in an empty folder. */
export const tensorflowWork: Readonly<Record<string, string>> = {
  "Keras trains a model on TensorFlow, saves it, and predicts the same after loading it": `
import keras, numpy as np
keras.utils.set_random_seed(1)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mse")
x = np.random.default_rng(1).random((128, 4)).astype("float32")
loss = model.fit(x, x.sum(axis=1), epochs=20, verbose=0).history["loss"]
assert loss[-1] < loss[0] / 4, loss
model.save("model.keras")
again = keras.models.load_model("model.keras")
assert np.allclose(model.predict(x, verbose=0), again.predict(x, verbose=0))
assert keras.backend.backend() == "tensorflow"
`,
  "TensorFlow convolves an image in a compiled function": `
import tensorflow as tf
@tf.function
def edges(image):
    kernel = tf.reshape(tf.constant([-1.0, 0.0, 1.0]), (1, 3, 1, 1))
    return tf.nn.conv2d(image, kernel, strides=1, padding="SAME")
image = tf.concat([tf.zeros((1, 4, 4, 1)), tf.ones((1, 4, 4, 1))], axis=2)
found = edges(image)[0, 1, :, 0].numpy().tolist()
assert found == [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, -1.0], found
`,
  "a dataset is read in parallel from files": `
import tensorflow as tf
for number in range(8):
    open(f"{number}.txt", "w").write(str(number))
files = tf.data.Dataset.list_files("*.txt", shuffle=False)
numbers = files.map(lambda name: tf.strings.to_number(tf.io.read_file(name)), num_parallel_calls=4)
total = int(numbers.batch(8).map(tf.reduce_sum).get_single_element())
assert total == 28, total
`,
};
