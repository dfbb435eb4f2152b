import { type ContainerOptions, type Ended, shellInImage } from "@workstation/images/test";

/**
 * The session is a small one, because the services beside it are what is tried; `rm $small` before `begin` for the layer's.
 * What the lines of `besideDesktop` may use: `begin` starts the desktop and waits until it is healthy, `log` is where its
 * words go, `client` runs an SSH program with `$answer` as its password, `batch` gives sftp its
 * commands, `logins` counts those that succeeded.
 */
const helpers = String.raw`
log=/tmp/desktop.log
exec 9>&1 1>&2
printf '#!/bin/sh\ncat /tmp/answer\n' >/tmp/ask && chmod 700 /tmp/ask
small=~/.local/bin/workstation-session
mkdir -p ~/.local/bin; printf '#!/bin/sh\nexec sleep infinity\n' >$small; chmod 755 $small
wait_until() {
  local tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || { echo "waited in vain until $*" >&2; cat "$log" >&2; exit 99; }
    sleep 0.1
  done
}
healthy() { workstation-health >/dev/null; }
begin() { start-desktop >>"$log" 2>&1 & desktop=$!; wait_until healthy; }
passwords() { workstation-passwords >/tmp/passwords; answer=$(sed -n 's/^SSH //p' /tmp/passwords); }
me=$(id -un)
common="-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=20"
client() {
  local program=$1
  shift
  (umask 077; printf '%s\n' "$answer" >/tmp/answer)
  SSH_ASKPASS=/tmp/ask SSH_ASKPASS_REQUIRE=force timeout 60 "$program" $common -o NumberOfPasswordPrompts=1 "$@"
}
batch() { client sftp -P 2222 -o BatchMode=no -b - "$@" "$me@127.0.0.1" 2>&1; }
logins() { grep -c "^Accepted" "$log"; }
part() { cat "$(dirname "$(find /run/workstation/desktop /dev/shm -name desktop.pid 2>/dev/null)")/$1.pid"; }
exec 1>&9
`;

/** Runs lines of shell in a container in which they start a desktop with `begin`. */
export function besideDesktop(lines: string, options: ContainerOptions = {}): Promise<Ended> {
  return shellInImage(`${helpers}\n${lines}`, options);
}
