export type { Certificate, Subject } from "./certificates/authority.ts";
export type { Answer, Ask, Question } from "./control-plane/ask.ts";
export {
  type ControlPlane,
  type ControlPlaneOptions,
  type ProcessName,
  startControlPlane,
  type User,
} from "./control-plane/control-plane.ts";
export type { ControlledProcess } from "./processes/controlled-process.ts";
export {
  type ControlPlanePrograms,
  controlPlaneObstacle,
  findControlPlanePrograms,
  obtainControlPlanePrograms,
} from "./programs/programs.ts";
