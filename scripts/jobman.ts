import { createRequire } from "node:module";
import { join } from "node:path";
import { loadSite } from "@workstation/site";
import { projectFolder } from "./setup/places.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment of `npm run jobman`: root, who is no user of the queue, speaks for `siteUser`, for whom `npm start` works,
 * unless `JOBMAN_USER`, `JOBMAN_SOCKET` or `JOBMAN_URL` say otherwise. An ordinary account is itself.
 */
export function jobmanEnvironment(
  uid: number,
  environment: Environment,
  siteUser: () => string,
): Environment {
  const { JOBMAN_USER, JOBMAN_SOCKET, JOBMAN_URL } = environment;
  const told = [JOBMAN_USER, JOBMAN_SOCKET, JOBMAN_URL].some((value) => (value ?? "") !== "");
  return uid !== 0 || told ? environment : { ...environment, JOBMAN_USER: siteUser() };
}

if (import.meta.main) {
  const siteUser = () => loadSite(join(projectFolder, "site.yaml")).user.name;
  Object.assign(process.env, jobmanEnvironment(process.getuid?.() ?? -1, process.env, siteUser));
  createRequire(import.meta.url)("../jobman/client/bin/jobman.js");
}
