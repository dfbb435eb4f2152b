import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hindrances } from "./hindrances.ts";
import { type PlainStart, preparePlainStart } from "./plain-start.ts";

/** What `print_small_file` prints of a file, of at most 100 bytes, and what is said against it. */
function read(start: PlainStart, file: string) {
  const line = `. ${start.root}/usr/local/lib/workstation/small-file.sh
    print_small_file "$1" 100; echo "code $?"; small_file_fault "$1" 100`;
  return start.start(["bash", "-c", line, "bash", file], { script: "/usr/bin/env" });
}

describe("a file that the user may have replaced", () => {
  test("is printed when it is a regular one, and when a link leads to one", async () => {
    const start = await preparePlainStart();
    writeFileSync(join(start.root, "file"), "first\nsecond\n");
    symlinkSync("file", join(start.root, "link"));
    for (const name of ["file", "link"]) {
      expect((await read(start, join(start.root, name))).stdout).toBe("first\nsecond\ncode 0\n");
    }
  });

  test.each(Object.entries(hindrances))(
    "is not read when it is %s, and nobody waits",
    async (_, { make, fault }) => {
      const start = await preparePlainStart();
      make(join(start.root, "file"));
      expect((await read(start, join(start.root, "file"))).stdout).toBe(`code 1\n${fault(100)}`);
    },
  );
});
