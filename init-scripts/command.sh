# shellcheck shell=bash
# The rule by which a container's arguments become its command.

# Never returns. One leading "--" is dropped, because old scripts pass it. Several arguments are a command and its
# arguments, byte for byte; a single one that is no command on PATH is a line for the shell.
become_command() {
  local exact=${WORKSTATION_EXACT:-}
  unset WORKSTATION_EXACT WORKSTATION_ENV
  if [ "$exact" = 1 ]; then
    run_exactly "$@"
  fi
  if [ "${1-}" = -- ]; then
    shift
  fi
  if [ $# -eq 1 ] && [ -n "$1" ] && ! type -P -- "$1" >/dev/null; then
    exec /bin/bash -c -- "$1" bash
  fi
  [ $# -gt 0 ] || set -- /bin/bash
  run_exactly "$@"
}

run_exactly() {
  local found
  [ $# -gt 0 ] || die 127 "there is no command to run"
  found=$(type -P -- "$1") || die_not_found "$1"
  [ -x "$found" ] || die_not_found "$1"
  exec -- "$@"
}

die_not_found() {
  if [ -d "$1" ]; then
    die 126 "$(printf %q "$1") is a folder, not a command"
  elif [ -e "$1" ] && [[ $1 == */* ]]; then
    die 126 "$(printf %q "$1") is not executable; chmod +x makes it so"
  fi
  die 127 "$(printf %q "$1") is no command on PATH"
}
