#!/bin/sh
# What neither a package nor a file of the layer can say.
set -eu

# uDocker looks for its programs in one folder, by these names.
ln -sf /usr/bin/patchelf /opt/udocker/bin/patchelf-x86_64
