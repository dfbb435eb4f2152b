import { image, program } from "@workstation/images";
import { desktop } from "./desktop/layer.ts";
import { jupyter } from "./jupyter/layer.ts";
import { python } from "./python/layer.ts";
import { pytorch } from "./pytorch/layer.ts";
import { scheduler } from "./scheduler/layer.ts";
import { tensorflow } from "./tensorflow/layer.ts";

/**
 * The images, one a line: an image is a path of layers, each image stands on the one without its last layer.
 * A program of the platform is an image of its own.
 */
export const family = [
  image(python),
  image(python, tensorflow),
  image(python, tensorflow, desktop),
  image(python, tensorflow, desktop, jupyter),
  image(python, pytorch),
  image(python, pytorch, desktop),
  image(python, pytorch, desktop, jupyter),
  program("jobman-scheduler", scheduler),
];
