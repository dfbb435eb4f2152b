export { defineLayer, type LayerDefinition } from "./family/define-layer.ts";
export { type FamilyImage, image, program } from "./family/image.ts";
export type {
  Asset,
  BuildStage,
  Layer,
  LayerFile,
  PythonTools,
  RenderedFile,
} from "./family/layer.ts";
export type { Kind, Variant } from "./family/variants.ts";
