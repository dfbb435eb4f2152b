#!/bin/sh
# What neither a package nor a file of the layer can say.
set -eu

# The shortcuts on the desktop are entries of the menu. A layer above adds its own to this folder.
desktop=/usr/local/share/workstation/desktop
mkdir -p "$desktop"
for name in terminal files datasets persistent-home examples browser; do
  ln -s "/usr/local/share/applications/workstation-$name.desktop" "$desktop/"
done

update-mime-database /usr/local/share/mime

# Folders that others may write, as on many a volume, are blue on green by default: not to be read.
dircolors -p | sed 's/^OTHER_WRITABLE .*/OTHER_WRITABLE 01;04;34/; s/^STICKY_OTHER_WRITABLE .*/STICKY_OTHER_WRITABLE 01;04;34/' \
  >/usr/local/share/workstation/home/.dircolors
