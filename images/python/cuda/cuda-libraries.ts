/** Python that finds every CUDA library of an image: `libraries`, paths by soname. For `pythonInImage`. */
export const findLibraries = `
import collections, os, subprocess, sys
def shared_objects(*folders):
    for folder in folders:
        for root, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(root, name)
                if ".so" in name and not os.path.islink(path):
                    yield path
site = [folder for folder in sys.path if folder.endswith("-packages") and os.path.isdir(folder)]
nvidia = [os.path.join(folder, "nvidia") for folder in site]
libraries = sorted(shared_objects(*nvidia, *(os.path.join(folder, "cusparselt") for folder in site)))
`;

/** Python that reads which GPUs a binary has machine code for: `architectures(path)`, such as {70, 80}. */
export const readArchitectures = `
import mmap, struct
def architectures(path):
    found = set()
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start = data.find(MAGIC)
        while start != -1:
            header, size = struct.unpack_from("<HQ", data, start + 6)
            entry, end = start + header, min(start + header + size, len(data))
            while entry + 32 <= end:
                kind, _, entry_header, payload = struct.unpack_from("<HHIQ", data, entry)
                if kind not in (1, 2):
                    break
                if kind == 2:  # machine code; 1 is PTX, which a driver still has to translate
                    found.add(struct.unpack_from("<I", data, entry + 28)[0])
                entry += entry_header + payload
            start = data.find(MAGIC, start + 4)
    return found
MAGIC = struct.pack("<I", 0xBA55ED50)  # begins each container of GPU code that nvcc links into a program
`;
