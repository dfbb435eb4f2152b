import { defineLayer } from "@workstation/images";

/** TensorFlow and Keras, computing on the CPU, or on a GPU with the CUDA libraries of the layer below. */
export const tensorflow = defineLayer({
  name: "tensorflow",
  description: "Python with the imaging and research libraries, and TensorFlow with Keras",
  variants: ["cpu", "cuda"],
  addsAtMost: { cpu: 330e6, cuda: 2_100e6 },
  python: true,
  unusedPackages: ["tensorflow/include"], // headers for C++ operators: 236 MB, and the image has no compiler
  // Its start-up notes go to the log of every job; warnings and errors still appear.
  environment: { KERAS_BACKEND: "tensorflow", TF_CPP_MIN_LOG_LEVEL: "1" },
});
