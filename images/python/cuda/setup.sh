#!/bin/sh
# The loader knows every CUDA library by itself: no LD_LIBRARY_PATH, which would reach every program of a user.
set -eu

packages=$(python3 -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
find "$packages/nvidia" -mindepth 2 -maxdepth 2 -type d -name lib | LC_ALL=C sort >/etc/ld.so.conf.d/cuda.conf
ldconfig
