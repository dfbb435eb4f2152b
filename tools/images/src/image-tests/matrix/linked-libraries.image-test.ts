import { expect, test } from "vitest";
import { runInImage } from "../container.ts";
import { absentLibraries } from "./absent-libraries.ts";

/**
 * Asks the loader about every program and library; prints how many there are, and each that lacks something. What lies
 * beside its user in a wheel's folder `*.libs` is there: whoever loads the one has loaded the other.
 */
const lookAtEveryFile = `
import os, subprocess
from concurrent.futures import ThreadPoolExecutor
LOADER = "/lib64/ld-linux-x86-64.so.2"

def files():
    for top, folders, names in os.walk("/"):
        folders[:] = [name for name in folders if os.path.join(top, name) not in ("/proc", "/sys", "/dev")]
        for name in names:
            path = os.path.join(top, name)
            if os.path.islink(path) or not os.path.isfile(path): continue
            with open(path, "rb") as file: head = file.read(20)
            # of this machine: 64 bits, x86-64; a program or a library
            if head[:5] == b"\\x7fELF\\x02" and head[16] in (2, 3) and head[18] == 62: yield path

def missing(path):
    said = subprocess.run([LOADER, "--list", path], capture_output=True, text=True).stdout
    absent = [line.split("=>")[0].strip() for line in said.splitlines() if "not found" in line]
    folder = os.path.dirname(path)
    bundled = folder.endswith(".libs")
    return [(name, path) for name in absent if not (bundled and os.path.exists(os.path.join(folder, name)))]

found = list(files())
with ThreadPoolExecutor(2) as pool:
    for pairs in pool.map(missing, found):
        for name, path in pairs: print(name, path)
print(len(found), "files")
`;

test("every program and library of the image finds the libraries that it needs", async () => {
  const { stdout, stderr } = await runInImage(["-c", lookAtEveryFile], {
    uid: 0,
    gid: 0,
    entrypoint: ["python3"],
  });
  const lines = stdout.trimEnd().split("\n");
  expect(lines.at(-1), stderr).toMatch(/^\d{3,} files$/);
  const missing = lines.slice(0, -1).filter((line) => {
    const [library = "", file = ""] = line.split(" ");
    return !absentLibraries.some((each) => each.library.test(library) && each.neededBy.test(file));
  });
  expect(missing).toEqual([]);
});
