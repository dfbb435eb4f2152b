# shellcheck shell=bash
# The keys by which a client knows this desktop again.

host_key_limit=16384 # bytes; what ssh-keygen makes has a few hundred

# Puts a key of each type into the private folder, because sshd refuses one that others could read, as on many a volume.
# They are kept on the site's volume if there is one, else in the user's persistent home.
provide_host_keys() {
  local kept=${parts:?}/../../../../../etc/workstation/host-keys type
  [ -d "$kept" ] || kept=$HOME/persistent-home/.workstation/host-keys
  mkdir -p -- "$kept" 2>/dev/null || true
  for type in ed25519 ecdsa; do
    provide_host_key "$WORKSTATION_DESKTOP/ssh_host_${type}_key" "$kept/ssh_host_${type}_key" "$type"
  done
}

# provide_host_key OWN KEPT TYPE. Two desktops may start at once: the key that was kept first is used by both.
provide_host_key() {
  if ! [ -e "$2" ] && ! [ -L "$2" ]; then
    ssh-keygen -q -t "$3" -N '' -C '' -f "$1" </dev/null
    keep_host_key "$1" "$2"
  fi
  if ! usable_host_key "$1" "$2"; then
    say "the host key $2 cannot be used or kept ($(host_key_fault "$2")): this start has one of its own"
    [ -s "$1" ] || ssh-keygen -q -t "$3" -N '' -C '' -f "$1" </dev/null
  fi
}

# Appears whole or not at all, and never over another one.
keep_host_key() {
  local new
  new=$(mktemp "$2.XXXXXXXX" 2>/dev/null) || return 0
  if cp -- "$1" "$new" 2>/dev/null; then
    ln -T -- "$new" "$2" 2>/dev/null || mv -nT -- "$new" "$2" 2>/dev/null || true
  fi
  rm -f -- "$new"
}

host_key_fault() {
  local fault
  fault=$(small_file_fault "$1" "$host_key_limit")
  printf '%s' "${fault:-it is no key without a passphrase}"
}

# Makes the kept key $2 this start's key $1, if it is one and has no passphrase.
usable_host_key() {
  local copy=$1.kept
  if print_small_file "$2" "$host_key_limit" >"$copy" && chmod 600 "$copy" && ssh-keygen -y -P '' -f "$copy" >/dev/null 2>&1; then
    mv -fT -- "$copy" "$1"
    return
  fi
  rm -f -- "$copy"
  return 1
}
