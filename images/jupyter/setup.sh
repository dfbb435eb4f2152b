#!/bin/sh
# The shortcuts of the desktop are entries of the menu.
set -eu

for name in lab notebook; do
  ln -s "/usr/local/share/applications/workstation-jupyter-$name.desktop" /usr/local/share/workstation/desktop/
done
