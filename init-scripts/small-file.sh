# shellcheck shell=bash
# Reading what the user may have replaced by something else.

# print_small_file FILE BYTES: prints a regular file, or one that a link leads to, of at most so many bytes. Fails for
# anything else, and never waits: what takes its place after the look, a FIFO say, is opened without waiting.
print_small_file() {
  [ -z "$(small_file_fault "$1" "$2")" ] && dd if="$1" iflag=nonblock,count_bytes count="$2" bs=16K status=none 2>/dev/null
}

# Prints why FILE cannot be read so; nothing if it can.
small_file_fault() {
  local size
  if ! [ -e "$1" ]; then
    printf 'it is not there'
  elif ! [ -f "$1" ]; then
    printf 'it is no regular file'
  elif ! [ -r "$1" ] || ! size=$(stat -L -c %s -- "$1" 2>/dev/null); then
    printf 'it cannot be read'
  elif [ "$size" -gt "$2" ]; then
    printf 'it is larger than %d bytes' "$2"
  fi
}
