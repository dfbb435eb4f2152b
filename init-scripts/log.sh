# shellcheck shell=bash
# The one way in which these scripts speak: on stderr, because stdout belongs to the command.

say() {
  printf 'workstation: %s\n' "$*" >&2
}

die() {
  local code=$1
  shift
  say "$@"
  exit "$code"
}
