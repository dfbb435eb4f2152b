# shellcheck shell=bash
# The rule by which a container's arguments become its command.

# Sets the array `command`. One leading "--" is dropped, because old scripts pass it. Several arguments are a command
# and its arguments, byte for byte; a single one that is no command on PATH is a line for the shell.
choose_command() {
  local exact=${WORKSTATION_EXACT:-}
  unset WORKSTATION_EXACT WORKSTATION_ENV
  if [ "$exact" = 1 ]; then
    command=("$@")
    require_command "$@"
    return
  fi
  if [ "${1-}" = -- ]; then
    shift
  fi
  if [ $# -eq 1 ] && [ -n "$1" ] && ! type -P -- "$1" >/dev/null; then
    command=(/bin/bash -c -- "$1" bash)
    return
  fi
  [ $# -gt 0 ] || set -- /bin/bash
  # shellcheck disable=SC2034 # read by the entrypoint
  command=("$@")
  require_command "$@"
}

require_command() {
  local found
  [ $# -gt 0 ] || die 127 "there is no command to run"
  found=$(type -P -- "$1") || die_not_found "$1"
  [ -x "$found" ] || die_not_found "$1"
}

die_not_found() {
  if [ -d "$1" ]; then
    die 126 "$(printf %q "$1") is a folder, not a command"
  elif [ -e "$1" ] && [[ $1 == */* ]]; then
    die 126 "$(printf %q "$1") is not executable; chmod +x makes it so"
  fi
  die 127 "$(printf %q "$1") is no command on PATH"
}
