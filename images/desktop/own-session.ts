import { type ContainerOptions, type Ended, shellInImage } from "@workstation/images/test";

/** Starts a display and the session on it, waits until window manager, icons and panel are there. */
const startSession = String.raw`
exec 9>&1 1>&2
export DISPLAY=:0
Xvnc :0 -rfbport 5900 -SecurityTypes None -geometry 1280x800 >/tmp/display.log 2>&1 &
clients() {
  for id in $(obxprop --root 2>/dev/null | sed -n 's/^_NET_CLIENT_LIST(WINDOW) = //p' | tr -d ,); do
    obxprop --id "$id" 2>/dev/null | sed -n 's/^WM_CLASS(STRING) = .*, "\(.*\)"$/\1/p'
  done
}
shown() { clients | grep -qix "$1"; }
gone() { ! kill -0 "$1" 2>/dev/null; }
wait_until() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || { echo "waited in vain until $*" >&2; cat /tmp/session.log >&2; exit 99; }
    sleep 0.1
  done
}
has_display() { setxkbmap -query >/dev/null 2>&1; }
wait_until has_display
workstation-session >/tmp/session.log 2>&1 &
session=$!
wait_until shown lxpanel
wait_until shown pcmanfm
set_bus() { export XDG_RUNTIME_DIR=/tmp/runtime-$(id -u) DBUS_SESSION_BUS_ADDRESS=unix:path=/tmp/runtime-$(id -u)/bus; }
set_bus
exec 1>&9
`;

/**
 * Runs lines of shell in a container beside a session of its own. They may use `clients` (the classes of all windows),
 * `wait_until COMMAND`, `shown CLASS`, `gone PID`, and the session's id in `$session`.
 */
export function besideSession(lines: string, options: ContainerOptions = {}): Promise<Ended> {
  return shellInImage(`${startSession}\n${lines}`, options);
}
