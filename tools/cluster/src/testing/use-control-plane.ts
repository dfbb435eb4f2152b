import { afterAll, beforeAll } from "vitest";
import {
  type ControlPlane,
  type ControlPlaneOptions,
  startControlPlane,
} from "../control-plane/control-plane.ts";

/**
 * A control plane for the tests of the `describe` around it, or of the file: started before them, stopped after them. What is
 * returned may be asked for it in tests and hooks. Where `controlPlaneObstacle()` is a reason, skip the `describe` with it.
 */
export function useControlPlane(options?: ControlPlaneOptions): () => ControlPlane {
  let controlPlane: ControlPlane | undefined;
  beforeAll(async () => {
    controlPlane = await startControlPlane(options);
  });
  afterAll(() => controlPlane?.stop());
  return () => {
    if (controlPlane === undefined) throw new Error("the control plane is there in tests and hooks alone");
    return controlPlane;
  };
}
