export type { Asset, BuildStage, Layer, LayerFile, RenderedFile, Variant } from "./layer.ts";
