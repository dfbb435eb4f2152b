"""Makes a small root file system of this image's own programs, and an archive of it in the OCI image layout 1.0.

make_root.py FOLDER writes FOLDER/root.tar and FOLDER/layout.tar.gz, the latter as Docker 25 and later save an image.
"""

import hashlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile

PROGRAMS = ["bash", "ls", "cat", "echo", "id", "env", "touch", "readlink", "mkdir"]
IMAGE = "application/vnd.oci.image"


def main(folder: pathlib.Path) -> None:
    root = root_file_system()
    (folder / "root.tar").write_bytes(root)
    write_layout(root, folder / "layout.tar.gz")


def root_file_system() -> bytes:
    """The programs with the libraries they load: a container that a too old proot cannot run."""
    files = set()
    for program in PROGRAMS:
        path = f"/bin/{program}"
        loaded = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
        files |= {path, *re.findall(r"(/\S+)", loaded)}
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for path in sorted(files):
            tar.add(os.path.realpath(path), arcname=path.lstrip("/"))
        tar.add("/bin/bash", arcname="bin/sh")
        add(tar, "etc/passwd", b"root:x:0:0::/:/bin/sh\n")
        add(tar, "etc/group", b"root:x:0:\n")
    return content.getvalue()


def write_layout(layer: bytes, path: pathlib.Path) -> None:
    config = to_json(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
        }
    )
    manifest = to_json(
        {
            "schemaVersion": 2,
            "mediaType": f"{IMAGE}.manifest.v1+json",
            "config": descriptor("config.v1+json", config),
            "layers": [descriptor("layer.v1.tar", layer)],
        }
    )
    named = descriptor("manifest.v1+json", manifest)
    named["annotations"] = {"org.opencontainers.image.ref.name": "3.20"}
    docker = {"Config": blob(config), "RepoTags": ["small:3.20"], "Layers": [blob(layer)]}
    with tarfile.open(path, "w:gz") as tar:
        for content in (config, manifest, layer):
            add(tar, blob(content), content)
        add(tar, "index.json", to_json({"schemaVersion": 2, "manifests": [named]}))
        add(tar, "manifest.json", to_json([docker]))
        add(tar, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')


def add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def descriptor(kind: str, content: bytes) -> dict:
    return {"mediaType": f"{IMAGE}.{kind}", "digest": digest(content), "size": len(content)}


def blob(content: bytes) -> str:
    return "blobs/sha256/" + digest(content).removeprefix("sha256:")


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def to_json(value: object) -> bytes:
    return json.dumps(value).encode()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
