#!/bin/sh
# Unpacks the one archive of ITK-SNAP that lies here.
set -eu

mkdir itksnap
tar -xzf itksnap.tar.gz -C itksnap --strip-components=1 --no-same-owner
test -x itksnap/bin/itksnap
