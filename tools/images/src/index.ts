export { type FamilyImage, image } from "./family/image.ts";
export type {
  Asset,
  BuildStage,
  Layer,
  LayerFile,
  PythonTools,
  RenderedFile,
  Variant,
} from "./family/layer.ts";
