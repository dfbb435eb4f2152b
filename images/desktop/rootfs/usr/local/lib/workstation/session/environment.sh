# shellcheck shell=bash
# What the programs of a session find in their environment. Nothing of it lies in the home, which two desktops may share.

share=/usr/local/share/workstation

die() {
  printf 'workstation: the session ends: %s\n' "$*" >&2
  exit 1
}

set_session_environment() {
  set_runtime_folder
  export DISPLAY=${DISPLAY:-:0} SHELL=${SHELL:-/bin/bash}
  # What is made at the start comes before what lies in the image, and that before what the distribution wants.
  export XDG_CONFIG_DIRS=$XDG_RUNTIME_DIR/xdg:$share/xdg:${XDG_CONFIG_DIRS:-/etc/xdg}
  export XDG_DATA_DIRS=${XDG_DATA_DIRS:-/usr/local/share:/usr/share}
  export XDG_MENU_PREFIX=workstation- XDG_CURRENT_DESKTOP=LXDE XDG_SESSION_TYPE=x11 DESKTOP_SESSION=LXDE
  export GTK2_RC_FILES=$share/xdg/gtkrc-2.0 GDK_BACKEND=x11 GIO_USE_VFS=local GSETTINGS_BACKEND=memory
  # No bus for assistive technology: it would be started with every program.
  export NO_AT_BRIDGE=1 GTK_A11Y=none
  # There is no graphics card: Mesa computes.
  export LIBGL_ALWAYS_SOFTWARE=1
  export BROWSER=workstation-browser EDITOR=${EDITOR:-vim}
  umask 022
  cd -- "$HOME" 2>/dev/null || cd /
}

# Sockets of this desktop's programs. /tmp is the container's own.
set_runtime_folder() {
  : "${XDG_RUNTIME_DIR:=${TMPDIR:-/tmp}/runtime-$EUID}"
  mkdir -m 700 "$XDG_RUNTIME_DIR" 2>/dev/null || true
  if [ -L "$XDG_RUNTIME_DIR" ] || ! [ -O "$XDG_RUNTIME_DIR" ] || ! [ -w "$XDG_RUNTIME_DIR" ]; then
    XDG_RUNTIME_DIR=$(mktemp -d "${TMPDIR:-/tmp}/runtime-XXXXXXXX") || die "/tmp cannot be written"
  fi
  export XDG_RUNTIME_DIR
}

# Notifications and a few programs speak over it.
start_bus() {
  local socket=$XDG_RUNTIME_DIR/bus
  rm -rf -- "$socket"
  export DBUS_SESSION_BUS_ADDRESS=unix:path=$socket
  dbus-daemon --session --address="$DBUS_SESSION_BUS_ADDRESS" --nofork --nopidfile --nosyslog &
  # shellcheck disable=SC2034 # of parts.sh
  bus=$!
}
