# shellcheck shell=bash
# init.sh as a process: its own process group, a time limit, its output to stderr and to a bounded log.

log_limit=10240 # KiB of output kept in the log; all of it is shown
drain_wait=0.3  # seconds to wait for the last output when something left behind keeps the pipe open
stop_grace=5    # seconds at most when the container stops: Docker kills after ten

# run_within_limits LIMIT GRACE LOG COMMAND...
# Sets `verdict` to the command's exit code, "timeout" or "stopped".
run_within_limits() {
  local limit=$1 grace=$2 log=$3 group
  local codes codes_in output output_in drained drained_in
  shift 3
  open_pipe codes && open_pipe output && open_pipe drained
  show_and_keep "$log" &
  say "---- init.sh starts ----"
  set -m
  lead_group "$@" &
  group=$!
  set +m
  exec {codes_in}>&- {output}<&- {output_in}>&- {drained_in}>&-
  verdict=
  trap stop_with_container TERM INT HUP
  await_code
  trap '' TERM INT HUP
  finish_output "$log"
}

# The reader outlives this script when init.sh leaves something running that still writes, to the last word of what
# saves its work when the container is told to end. `drained` ends with it.
show_and_keep() {
  trap '' TERM
  exec <&"$output" {codes}<&- {codes_in}>&- {output}<&- {output_in}>&- {drained}<&-
  tee >(
    exec 2>/dev/null
    trap '' XFSZ
    ulimit -f "$log_limit"
    cat >"$1" || exec cat >/dev/null
  ) >&2 {drained_in}>&-
}

# Outlives the signals sent to its group, so that the exit code arrives. Says nothing of its own in the output.
lead_group() {
  local code=0
  trap : TERM INT HUP
  exec </dev/null 2>/dev/null {codes}<&- {output}<&- {drained}<&- {drained_in}>&-
  at_home "$@" || code=$?
  printf '%d\n' "$code" >&"$codes_in"
}

at_home() (
  exec >&"$output_in" 2>&1 {output_in}>&- {codes_in}>&-
  cd -- "$HOME" || cd /
  exec -- "$@"
)

# The code comes as a line. No line: the time is over, or init.sh has killed its own group.
await_code() {
  local status=0 code=
  read -r -t "$limit" -u "$codes" code || status=$?
  if [ -n "$verdict" ]; then
    return
  elif [ "$status" -gt 128 ]; then
    stop_group "$grace"
    verdict=timeout
  elif [ "$status" -eq 0 ]; then
    verdict=$code
  else
    wait "$group" 2>/dev/null && verdict=1 || verdict=$?
  fi
}

# Ends the read above too: the group's end closes the pipe.
stop_with_container() {
  trap '' TERM INT HUP
  verdict=stopped
  stop_group "$((grace < stop_grace ? grace : stop_grace))"
}

# TERM, then KILL once nothing that can write is left, or the grace of $1 seconds is over.
stop_group() {
  kill -TERM -- "-$group" 2>/dev/null || true
  read -r -t "$1" -u "$drained" || true
  kill -KILL -- "-$group" 2>/dev/null || true
  wait "$group" 2>/dev/null || true
}

# The closing marker stands on a line of its own.
finish_output() {
  read -r -t "$drain_wait" -u "$drained" || true
  ! [ -s "$1" ] || [ -z "$(tail -c 1 "$1" 2>/dev/null | tr '\0' x)" ] || echo >&2
  say "---- init.sh ended ----"
}
