# shellcheck shell=bash
# Pipes without a file system and without a process at their other end.

# Sets $1 and $1_in to the two ends of a new pipe: one that bash made for `:`, opened once more from each side.
open_pipe() {
  local both reading writing
  exec {both}<> <(:)
  exec {reading}<"/dev/fd/$both" {writing}>"/dev/fd/$both"
  exec {both}>&-
  printf -v "$1" %d "$reading"
  printf -v "$1_in" %d "$writing"
}
