#!/bin/sh
# Adds to /opt/image, which becomes the whole image, what of the distribution Node needs: its libraries, certificate authorities,
# and the notes of the packages they are from, so that scanners and bills of materials know them.
set -eu

image=/opt/image
packages='ca-certificates libatomic1 libc6 libgcc-s1 libstdc++6'

keep() {
  for path in "$@"; do install -D -m "$(stat -L -c %a "$path")" "$path" "$image$path"; done
}

libraries=$(ldd "$image/usr/local/bin/node" | grep -o '/[^ ]*')
for library in $libraries; do
  owned=no
  for package in $packages; do
    for file in $(dpkg -L "$package"); do
      if [ "$file" -ef "$library" ]; then owned=yes; fi
    done
  done
  if [ "$owned" = no ]; then
    echo "$library is of none of the packages that are noted: $packages" >&2
    exit 1
  fi
  keep "$library"
done

keep /etc/ssl/certs/ca-certificates.crt /etc/os-release
mkdir -p "$image/etc/workstation" "$image/var/lib/dpkg/status.d"
echo 'hosts: files dns' >"$image/etc/nsswitch.conf"
for package in $packages; do
  dpkg-query -s "$package" >"$image/var/lib/dpkg/status.d/$package"
  keep "/usr/share/doc/$package/copyright"
done
install -d -m 1777 "$image/tmp"

# Whatever is missing shows here.
chroot "$image" /usr/local/bin/node --version
