# shellcheck shell=bash
# The passwords of VNC and SFTP: given as files, else made here. Their text is in no argument, environment or log, and
# lies on no disk. printf is the shell's own: it starts no process that could be looked at.

secrets=${WORKSTATION_SECRETS:-/run/secrets}
password_alphabet=a-km-np-zA-HJ-NP-Z2-9 # without letters that look like others

# Only the first 8 characters of a VNC password count (RFC 6143, 7.2.2).
provide_vnc_password() {
  local password
  set_password vnc 8
  [ ${#password} -ge 6 ] || die 1 "the VNC password is refused: it has less than 6 characters"
  [ ${#password} -le 8 ] || say "of the VNC password only the first 8 characters count"
  printf '%s\n' "$password" | tigervncpasswd -f >"${WORKSTATION_DESKTOP:?}/rfbauth"
}

# sshd looks the user's hash up through libnss-extrausers, which reads a folder of this container's own.
provide_ssh_password() {
  local password hash folder=${WORKSTATION_RUN:?}/extrausers user
  set_password ssh 20
  user=$(id -un)
  hash=$(printf '%s' "$password" | openssl passwd -6 -stdin)
  (umask 022 && mkdir -p -- "$folder")
  rm -f -- "$folder/shadow"
  printf '%s:%s:::::::\n' "$user" "$hash" >"$folder/shadow"
  [ "$folder" -ef /var/lib/extrausers ] || say "SFTP takes keys only: $folder is not where passwords are looked up"
}

# Sets `password` to the first line of the file that was given, else to $2 random characters, kept until they are shown.
set_password() {
  local file=$secrets/$1-password random=''
  if [ -e "$file" ]; then
    { IFS= read -r password || [ -n "$password" ]; } 2>/dev/null <"$file" || die 1 "$file is empty or cannot be read"
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
