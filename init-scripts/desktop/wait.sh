# shellcheck shell=bash
# Waiting for the display and for nothing else.

# Whether the display that runs now takes clients: it writes its number into a file that bears its process id.
display_ready() {
  local file
  for file in "${folder:?}"/display.*; do
    [ -s "$file" ] && kill -0 "${file##*.}" 2>/dev/null && return
  done
  return 1
}

# Waits $1 seconds without a process of its own: nothing ever comes through this pipe.
pause() {
  [ -n "${never:-}" ] || exec {never}<> <(:)
  read -r -t "$1" -u "$never" || true
}
