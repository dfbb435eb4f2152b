import { pythonInImage } from "@workstation/images/test";
import { expect, test } from "vitest";
import { libraryWork } from "./library-work.ts";

test.concurrent.each(Object.entries(libraryWork))(
  "%s does a small real piece of work",
  async (_name, program) => {
    const { exitCode, stderr } = await pythonInImage(`import os; os.chdir("/tmp")
${program}`);
    expect(exitCode, stderr).toBe(0);
  },
);
