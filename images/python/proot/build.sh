#!/bin/sh
# Builds proot, which uDocker runs containers with, from its source (an asset of the layer). Leaves ./proot.
set -eu

tar -xzf proot-5.4.0.tar.gz

# Static: the same program must start under every libc that a layer may bring.
make -C proot-5.4.0/src proot GIT=true VERSION=5.4.0 CFLAGS="-O2" LDFLAGS="-static -Wl,-z,noexecstack -Wl,--build-id=none -ltalloc"
strip --strip-all -o proot proot-5.4.0/src/proot
./proot --version >/dev/null
