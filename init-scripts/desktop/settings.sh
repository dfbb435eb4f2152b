# shellcheck shell=bash
# Where a desktop keeps its own small files, and what may pass in and out of it.

# Exports WORKSTATION_DESKTOP, an empty folder in memory that nobody else reads. It holds what must never be on a disk.
make_private_folder() {
  local folder
  umask 077
  for folder in "${WORKSTATION_RUN:+$WORKSTATION_RUN/desktop}" "/dev/shm/workstation-$EUID"; do
    if in_memory "${folder%/*}" && rm -rf -- "$folder" 2>/dev/null && mkdir -- "$folder" 2>/dev/null; then
      export WORKSTATION_DESKTOP=$folder
      return
    fi
  done
  die 1 "the desktop needs a folder in memory that uid $EUID can write: a tmpfs at /run/workstation"
}

in_memory() {
  [ -n "$1" ] && [ -w "$1" ] && [ "$(stat -f -c %T -- "$1")" = tmpfs ]
}

# Prints the folder of the running desktop, for commands that do not descend from it (`docker exec`).
find_private_folder() {
  local folder
  for folder in ${WORKSTATION_DESKTOP:+"$WORKSTATION_DESKTOP"} "${WORKSTATION_RUN:-/run/workstation}/desktop" \
    "${TMPDIR:-/tmp}/workstation-start-$EUID/desktop" "/dev/shm/workstation-$EUID"; do
    if [ -e "$folder/desktop.pid" ]; then
      printf '%s' "$folder"
      return
    fi
  done
  return 1
}

# Sets the four directions from the site's file, and exports whether there is an SFTP server. A value that is not "yes" is no.
read_directions() {
  local file=${parts:?}/../../../../../etc/workstation/desktop.conf name value
  CLIPBOARD_IN=yes CLIPBOARD_OUT=no FILES_UPLOAD=yes FILES_DOWNLOAD=no
  if [ -r "$file" ]; then
    while IFS='=' read -r name value; do
      case $name in
        CLIPBOARD_IN | CLIPBOARD_OUT | FILES_UPLOAD | FILES_DOWNLOAD) printf -v "$name" %s "$value" ;;
      esac
    done <"$file"
  fi
  WORKSTATION_SFTP=false
  [ "$FILES_UPLOAD$FILES_DOWNLOAD" = "${FILES_UPLOAD/yes/}${FILES_DOWNLOAD/yes/}" ] || WORKSTATION_SFTP=true
  export CLIPBOARD_IN CLIPBOARD_OUT FILES_UPLOAD FILES_DOWNLOAD WORKSTATION_SFTP
}
