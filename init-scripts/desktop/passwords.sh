# shellcheck shell=bash
# The passwords of VNC and SFTP: given as files, else made here. Their text is in no argument, environment or log, and
# lies on no disk. printf is the shell's own: it starts no process that could be looked at.

secrets=/run/secrets
secret_limit=4096                       # bytes
password_alphabet=a-km-np-zA-HJ-NP-Z2-9 # without letters that look like others

# Only the first 8 characters of a VNC password count (RFC 6143, 7.2.2), and nobody is locked out for wrong ones: it has
# to have them all.
provide_vnc_password() {
  local password
  set_password vnc 8
  [ ${#password} -ge 8 ] || die 1 "the VNC password is refused: it has less than 8 characters"
  [ ${#password} -le 8 ] || say "of the VNC password only the first 8 characters count"
  printf '%s\n' "$password" | tigervncpasswd -f >"${WORKSTATION_DESKTOP:?}/rfbauth"
}

# sshd looks the user's hash up through libnss-extrausers, which reads a folder of this container's own.
provide_ssh_password() {
  local password hash folder=${WORKSTATION_RUN:?}/extrausers user
  set_password ssh 20
  user=$(id -un)
  hash=$(printf '%s' "$password" | openssl passwd -6 -stdin)
  [ -d "$folder" ] || rm -rf -- "$folder"
  (umask 022 && mkdir -p -- "$folder")
  rm -rf -- "$folder/shadow"
  printf '%s:%s:::::::\n' "$user" "$hash" >"$folder/shadow"
  [ "$folder" -ef /var/lib/extrausers ] || say "SFTP takes keys only: $folder is not where passwords are looked up"
}

# Sets `password` to the first line of the file that was given, else to $2 random characters, kept until they are shown.
set_password() {
  local file=$secrets/$1-password random='' fault
  if [ -e "$file" ] || [ -L "$file" ]; then
    fault=$(small_file_fault "$file" "$secret_limit")
    [ -z "$fault" ] || die 1 "$file cannot be used: $fault"
    password=$(print_small_file "$file" "$secret_limit") && [ -n "$password" ] || die 1 "$file is empty or cannot be read"
    password=${password%%$'\n'*}
    password=${password%$'\r'}
    [ -n "$password" ] || die 1 "$file has an empty first line"
    return
  fi
  while [ ${#random} -lt "$2" ]; do
    random+=$(head -c 256 /dev/urandom | LC_ALL=C tr -dc "$password_alphabet")
  done
  password=${random:0:$2}
  printf '%s\n' "$password" >"$WORKSTATION_DESKTOP/$1-password"
}

# From here on `workstation-passwords` has all there is to show.
offer_passwords() {
  : >"$WORKSTATION_DESKTOP/passwords-made"
}
