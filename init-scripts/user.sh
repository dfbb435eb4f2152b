# shellcheck shell=bash
# Who the user is, where its home is, and where this container's own small files lie.

baked=${lib:?}/../../../../etc/workstation
share=$lib/../../share/workstation

# Docker gives a uid without passwd entry the home "/".
choose_user() {
  if [ -z "${WORKSTATION_USER:-}" ] && [ -r "$baked/user" ]; then
    read -r WORKSTATION_USER <"$baked/user" || true
  fi
  if [ -z "${HOME:-}" ] || [ "$HOME" = / ]; then
    HOME=/home/${WORKSTATION_USER:-$EUID}
  fi
  : "${WORKSTATION_USER:=${HOME##*/}}"
  export HOME WORKSTATION_USER USER=$WORKSTATION_USER LOGNAME=$WORKSTATION_USER
}

# Exports WORKSTATION_RUN, a folder that this uid can write: the given one, else a private one, else nothing.
choose_run_folder() {
  local private=${TMPDIR:-/tmp}/workstation-start-$EUID
  : "${WORKSTATION_RUN:=/run/workstation}"
  if ! usable_run_folder "$WORKSTATION_RUN"; then
    mkdir -m 700 "$private" 2>/dev/null || true
    if [ -L "$private" ] || ! [ -O "$private" ] || ! usable_run_folder "$private"; then
      private=$(mktemp -d "${TMPDIR:-/tmp}/workstation-start-XXXXXXXX" 2>/dev/null) || private=
    fi
    WORKSTATION_RUN=$private
  fi
  export WORKSTATION_RUN
}

# A file of another uid in a sticky folder could not be replaced.
usable_run_folder() {
  [ -d "$1" ] && [ -w "$1" ] && [ -x "$1" ] &&
    { ! [ -e "$1/init.json" ] || [ -O "$1/init.json" ]; }
}

# Gives an arbitrary uid the user's name through libnss-extrausers (/var/lib/extrausers leads to this folder).
# That library ignores uids and gids below 500, so the entry's group is one above; the process keeps its own.
# Bash says "I have no name!" of such a uid in a prompt (`shell.c`), and is asked so because `id` costs a process.
name_the_uid() {
  local folder=$WORKSTATION_RUN/extrausers gid=${GROUPS[0]} name='\u' LC_ALL=C
  [ "${name@P}" = "I have no name!" ] && [ "$EUID" -ge 500 ] && [ -n "$WORKSTATION_RUN" ] || return 0
  [ "$gid" -ge 500 ] || gid=$EUID
  (
    umask 022
    { ! [ -e "$folder" ] && ! [ -L "$folder" ]; } || rm -rf -- "$folder"
    mkdir -p "$folder"
    printf '%s:x:%s:%s::%s:/bin/bash\n' "$USER" "$EUID" "$gid" "$HOME" >"$folder/passwd"
    printf '%s:x:%s:\n' "$USER" "$gid" >"$folder/group"
    : >"$folder/shadow"
  ) 2>/dev/null || say "uid $EUID stays without a name: $folder cannot be written"
}

# An empty volume over the home hides what the image put there.
furnish_home() {
  local name missing=()
  if ! [ -d "$HOME" ]; then
    mkdir -p "$HOME" 2>/dev/null || say "the home $HOME does not exist and cannot be made"
  fi
  [ -w "$HOME" ] || return 0
  for name in datasets persistent-home persistent-shared-folder; do
    [ -e "$HOME/$name" ] || [ -L "$HOME/$name" ] || missing+=("$HOME/$name")
  done
  [ ${#missing[@]} -eq 0 ] || mkdir -- "${missing[@]}" 2>/dev/null || true
  if [ -d "$share/application-examples" ] && ! compgen -G "$HOME/application-examples/*" >/dev/null; then
    cp -R "$share/application-examples" "$HOME/" 2>/dev/null || true
  fi
  if ! [ -e "$HOME/.bashrc" ] && [ -d /etc/skel ]; then
    cp -R --no-clobber /etc/skel/. "$HOME/" 2>/dev/null || true
  fi
}
