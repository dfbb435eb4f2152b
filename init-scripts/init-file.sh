# shellcheck shell=bash
# The file init.sh itself: its default, and how it is to be run.

template=${WORKSTATION_INIT_TEMPLATE:-${lib:?}/../../share/workstation/init.sh}

# Puts the default in place when there is nothing of that name. The file appears whole or not at all, and never
# over another one: two containers may start at once on the same persistent home.
create_default() {
  local folder=$1 script=$2 new
  if [ -e "$script" ] || [ -L "$script" ] || ! [ -d "$folder" ] || ! [ -w "$folder" ] || ! [ -r "$template" ]; then
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

# Sets `command` to what runs the script $1, or `obstacle` (and `outcome`, `code`) to why it cannot be run.
# The x bit does not matter; a "#!" line does; lines that end in CR LF are run from a copy without the CR.
choose_interpreter() {
  local script=$1 first=
  command=() obstacle='' outcome='' code=''
  find_obstacle "$script"
  [ -z "$obstacle" ] || return 0
  if grep -q $'\r$' "$script"; then
    script=$(copy_without_cr "$script")
  fi
  IFS= read -r -n 256 first <"$script" 2>/dev/null || true
  if [[ $first =~ ^'#!'[[:blank:]]*([^[:blank:]]+)[[:blank:]]*(.*)$ ]]; then
    command=("${BASH_REMATCH[1]}")
    first=${BASH_REMATCH[2]}
    first=${first%"${first##*[![:blank:]]}"}
    [ -z "$first" ] || command+=("$first")
    if ! [ -x "${command[0]}" ]; then
      obstacle="its first line names the interpreter $(printf '%.80q' "${command[0]}"), which does not exist" code=127
    fi
  else
    command=(/bin/bash)
  fi
  command+=("$script")
}

find_obstacle() {
  if [ -L "$1" ] && ! [ -e "$1" ]; then
    obstacle="it is a link to something that does not exist" code=127
  elif ! [ -e "$1" ]; then
    obstacle="there is no init.sh" outcome=skipped code=0
  elif ! [ -f "$1" ]; then
    obstacle="it is not a file"
  elif ! [ -r "$1" ]; then
    obstacle="it cannot be read"
  fi
}

copy_without_cr() {
  local copy=${run:?}/init.sh
  if rm -f -- "$copy" && sed 's/\r$//' "$1" >"$copy" 2>/dev/null; then
    say "init.sh has Windows line ends: a copy without them is run"
    printf '%s' "$copy"
  else
    printf '%s' "$1"
  fi
}
