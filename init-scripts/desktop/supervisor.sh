# shellcheck shell=bash
# The supervisor as a child: its end, and what is said of it.

# Lines of every half minute's health check, and the display's time stamps: the engine's log has its own.
noise='^$|/health\.sock|127\.0\.0\.97|^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 0-9]'

# Never returns. File 3 takes the words of the desktop's parts: the container's own stderr may be another user's.
run_supervisor() {
  local code=0 told_to_end='' supervisor
  exec 3> >(
    trap '' TERM INT HUP
    exec grep --line-buffered -avE "$noise" >&2
  )
  trap told_to_end=yes TERM INT HUP
  # -I: nothing that the user installed or set can reach it.
  python3 -I /usr/bin/supervisord -c "${parts:?}/supervisord.conf" </dev/null &
  supervisor=$!
  while kill -0 "$supervisor" 2>/dev/null; do
    code=0
    wait "$supervisor" || code=$?
    [ -z "$told_to_end" ] || kill -TERM "$supervisor" 2>/dev/null || true
  done
  exec 3>&-
  rm -f -- "$WORKSTATION_DESKTOP/desktop.pid"
  if [ -s "$WORKSTATION_DESKTOP/failure" ]; then
    die 1 "the desktop ends: $(print_small_file "$WORKSTATION_DESKTOP/failure" 1000)"
  elif [ -z "$told_to_end" ]; then
    die 1 "the desktop ends: its supervisor did (exit code $code)"
  fi
  exit 0
}
