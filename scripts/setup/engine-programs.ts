import { exitCodes, UserError } from "@workstation/cli";
import { type GoModule, type GoPrograms, prepareRuncBuild, runcModule } from "@workstation/programs";

/** The one place for their versions. */
const modules: readonly GoModule[] = [
  runcModule,
  {
    module: "github.com/containerd/containerd/v2",
    version: "v2.4.2",
    packages: ["/cmd/containerd", "/cmd/containerd-shim-runc-v2"],
    flags: [],
    minutes: 2,
  },
  {
    module: "github.com/moby/moby/v2",
    version: "v2.0.0-beta.24",
    packages: ["/cmd/dockerd"],
    flags: ["-ldflags", "-X github.com/moby/moby/v2/dockerversion.Version=2.0.0-beta.24"],
    minutes: 6,
  },
];

/** What a current Docker Engine consists of, for `obtainGoPrograms`: it throws `ENGINE_NOT_BUILT`, which says what is missing. */
export const enginePrograms: GoPrograms = {
  name: "docker-engine",
  modules,
  prepare: (place) => prepareRuncBuild(place, fault),
  fault,
};

function fault(reason: string): UserError {
  return new UserError("ENGINE_NOT_BUILT", `a current Docker Engine cannot be built here: ${reason}`, {
    hint: "install it, or name a current engine with WORKSTATION_CURRENT_ENGINE=unix:///path/docker.sock",
    exitCode: exitCodes.unavailable,
  });
}
