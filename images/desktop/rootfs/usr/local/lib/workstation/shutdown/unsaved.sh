# shellcheck shell=bash
# Files that are gone when the desktop ends: the user's own ones outside persistent-home, and how they are copied.

saved_name=saved-from-desktop
keep=$HOME/persistent-home

# Where files are looked for, and the name of each place among the copies.
declare -A places=(["home"]=$HOME ["tmp"]=/tmp ["var-tmp"]=/var/tmp)

# Prints their paths, each ended by NUL.
list_unsaved() {
  local name path
  for name in home tmp var-tmp; do
    while IFS= read -r -d '' path; do
      printf '%s/%s\0' "${places[$name]}" "$path"
    done < <(unsaved_of "$name")
  done
}

# Those of one place, relative to it. A file that the image brought, or that was copied before, is not lost.
unsaved_of() {
  local path
  while IFS= read -r -d '' path; do
    is_kept "$1" "$path" || printf '%s\0' "$path"
  done < <(find_own_files "$1")
}

# Prints paths relative to the place.
find_own_files() {
  local others=(-path './.*' -o -name __pycache__)
  if [ "$1" = home ]; then
    others+=(-o -path ./persistent-home -o -path ./persistent-shared-folder -o -path ./datasets)
  else
    others+=(-o -path './cache-*' -o -path './runtime-*' -o -path './workstation-*' -o -path './session-*')
    # A home below /tmp would be found twice.
    [[ $HOME != "${places[$1]}"/* ]] || others+=(-o -path ".${HOME#"${places[$1]}"}")
  fi
  cd "${places[$1]}" 2>/dev/null || return 0
  find . -mindepth 1 \( "${others[@]}" \) -prune -o -type f -user "$EUID" -printf '%P\0' 2>/dev/null || true
}

is_kept() {
  local copy=$keep/$saved_name/$1/$2 original
  if [ -f "$copy" ] && cmp -s -- "$copy" "${places[$1]}/$2"; then return 0; fi
  [ "$1" = home ] || return 1
  case $2 in
    application-examples/*) original=${share:?}/$2 ;;
    Desktop/*.desktop) original=$share/desktop/${2#Desktop/} ;;
    *) return 1 ;;
  esac
  [ -f "$original" ] && cmp -s -- "$original" "$HOME/$2"
}

# Copies them below persistent-home, nothing over anything. Fails, with its words on stderr, when one was not copied.
copy_unsaved() {
  local name ended=0
  for name in home tmp var-tmp; do
    copy_place "$name" || ended=1
  done
  [ "$ended" -eq 0 ] || printf 'workstation-shutdown: not everything could be copied; the desktop stays\n' >&2
  return "$ended"
}

copy_place() {
  local to=$keep/$saved_name/$1 path files=()
  while IFS= read -r -d '' path; do files+=("$path"); done < <(unsaved_of "$1")
  [ ${#files[@]} -gt 0 ] || return 0
  mkdir -p -- "$to" || return 1
  (cd "${places[$1]}" && printf '%s\0' "${files[@]}" |
    xargs -0 cp --parents --preserve=timestamps,mode --backup=numbered -t "$to" --)
}

# Whether what lies in persistent-home outlives the container: a folder of the image does not.
is_persistent() {
  local fields
  while read -r -a fields; do
    [ "${fields[4]}" != "$keep" ] || return 0
  done <"${MOUNTS:-/proc/self/mountinfo}"
  return 1
}
