export { installDebianPackages, isDebianLike } from "./debian-packages.ts";
export {
  type BuildPlace,
  type GoModule,
  type GoPrograms,
  goProgramsFolder,
  obtainGoPrograms,
} from "./go-programs.ts";
export { isOnPath, runLogged } from "./run-logged.ts";
export { prepareRuncBuild, runcModule } from "./runc.ts";
