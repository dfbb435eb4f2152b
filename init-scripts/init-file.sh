# shellcheck shell=bash
# The file init.sh itself: its default, and how it is to be run.

template=${lib:?}/../../share/workstation/init.sh

# Puts the default in place when there is nothing of that name. The file appears whole or not at all, and never
# over another one: two containers may start at once on the same persistent home.
create_default() {
  local script=$1 folder=${1%/*} new
  if [ -e "$script" ] || [ -L "$script" ] || ! [ -w "$folder" ] || ! [ -d "$folder" ] || ! [ -r "$template" ]; then
    return 0
  fi
  if ! new=$(mktemp "$folder/.init.sh.XXXXXXXX" 2>/dev/null); then
    say "the default init.sh could not be written to $folder"
    return 0
  fi
  if cp -- "$template" "$new" 2>/dev/null && chmod 755 "$new"; then
    ln -T -- "$new" "$script" 2>/dev/null || mv -nT -- "$new" "$script" 2>/dev/null || true
  else
    say "the default init.sh could not be written to $folder"
  fi
  rm -f -- "$new"
}

# Sets `init_command` to what runs the script $1, or `obstacle` and `obstacle_code` to why it cannot be run
# (code 0: there is none). The x bit does not matter; a "#!" line does. $2 is where a copy without CR may lie;
# the first 64 KiB decide.
choose_init_command() {
  local script=$1 copy=$2 beginning='' LC_ALL=C
  init_command=() obstacle='' obstacle_code=0
  find_obstacle "$script"
  [ -z "$obstacle" ] || return 0
  IFS= read -r -d '' -n 65536 beginning <"$script" || true
  if [[ $beginning$'\n' == *$'\r\n'* ]] && rm -f -- "$copy" && sed 's/\r$//' "$script" >"$copy" 2>/dev/null; then
    say "init.sh has Windows line ends: a copy without them is run"
    script=$copy
  fi
  read_shebang "${beginning%%$'\n'*}"
  if [ ${#init_command[@]} -eq 0 ]; then
    init_command=(/bin/bash)
  elif ! [ -x "${init_command[0]}" ]; then
    meet_obstacle 127 "its first line names $(printf '%.80q' "${init_command[0]}"), which cannot be executed"
  fi
  init_command+=("$script")
}

# As the kernel reads a first line: an interpreter and at most one argument (execve(2)).
read_shebang() {
  local line=${1%$'\r'}
  if [[ $line =~ ^'#!'[[:blank:]]*([^[:blank:]]+)[[:blank:]]*(.*[^[:blank:]])?[[:blank:]]*$ ]]; then
    init_command=("${BASH_REMATCH[1]}")
    [ -z "${BASH_REMATCH[2]}" ] || init_command+=("${BASH_REMATCH[2]}")
  fi
}

find_obstacle() {
  if [ -L "$1" ] && ! [ -e "$1" ]; then
    meet_obstacle 127 "it is a link to something that does not exist"
  elif ! [ -e "$1" ]; then
    meet_obstacle 0 "there is no init.sh"
  elif ! [ -f "$1" ]; then
    meet_obstacle 126 "it is not a file"
  elif ! [ -r "$1" ]; then
    meet_obstacle 126 "it cannot be read"
  fi
}

# shellcheck disable=SC2034 # read by run-init
meet_obstacle() {
  obstacle_code=$1 obstacle=$2
}
