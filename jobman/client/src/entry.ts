import { processIo } from "./io.ts";
import { runJobman } from "./run-jobman.ts";

runJobman(process.argv.slice(2), processIo()).then((exitCode) => {
  process.exitCode = exitCode;
});
