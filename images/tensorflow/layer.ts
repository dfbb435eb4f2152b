import { defineLayer } from "@workstation/images";

/** TensorFlow and Keras, computing on the CPU. */
export const tensorflow = defineLayer({
  name: "tensorflow",
  description: "Python with the imaging and research libraries, and TensorFlow with Keras",
  variants: ["cpu"],
  sizeLimits: { cpu: 750e6 },
  python: true,
  unusedPackages: ["tensorflow/include"], // headers for C++ operators: 236 MB, and the image has no compiler
  // Its start-up notes go to the log of every job; warnings and errors still appear.
  environment: { TF_CPP_MIN_LOG_LEVEL: "1" },
});
