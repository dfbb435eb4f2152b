# shellcheck shell=bash
# Which process a part of the desktop is, in a file of the private folder. The user's programs reach that folder, too.

# Notes this process as the part $1. A FIFO in the way would hold it up.
note_part() {
  local file=${folder:?}/$1.pid
  rm -rf -- "$file"
  echo $$ >"$file"
}

# Prints the number of the part $1, if its file holds one.
part_id() {
  local id
  id=$(print_small_file "${folder:?}/$1.pid" 16) && [[ $id =~ ^[1-9][0-9]*$ ]] && printf '%s' "$id"
}
