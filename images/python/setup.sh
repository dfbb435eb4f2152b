#!/bin/sh
# What neither a package nor a file of the layer can say.
set -eu

# uDocker looks for its programs in one folder, by these names.
mkdir -p /opt/udocker/bin
ln -sf /usr/bin/patchelf /opt/udocker/bin/patchelf-x86_64

# Where proot's source could not be had, the command says so: its own words would be about a download.
if [ ! -e /opt/udocker/bin/proot-x86_64 ]; then
  cat >/usr/local/bin/udocker.new <<'END'
#!/bin/sh
echo "udocker: this image has no proot, which runs the containers: its source could not be had when the image was built." >&2
echo "  Tell those who run this platform; their part is: images assets --add FILE, images build" >&2
exit 69
END
  chmod 0755 /usr/local/bin/udocker.new
  mv /usr/local/bin/udocker.new /usr/local/bin/udocker
fi
