# shellcheck shell=bash
# init.sh as a process: its own process group, a time limit, its output to stderr and to a bounded log.

log_limit=10485760 # bytes kept of the log; what comes after is still shown
drain_wait=1       # seconds to wait for the last output when something left behind keeps the pipe open
stop_grace=5       # seconds at most when the container stops: less than Docker's ten

# Runs `command` and sets `code` to its exit code, "timeout" or "stopped".
run_within_limits() {
  local group verdict
  open_pipes
  start_reader
  say "init.sh starts ---------------------------------"
  set -m
  run_reporting_code 9>&"$codes_in" >&"$output_in" 2>&1 </dev/null &
  group=$!
  set +m
  exec {codes_in}>&- {output_in}>&-
  code=
  trap 'stop_group "$group" "$((grace < stop_grace ? grace : stop_grace))"; code=stopped' TERM INT HUP
  await_code "$limit" || [ -n "$code" ] || { stop_group "$group" "$grace" && code=timeout; }
  trap '' TERM INT HUP
  await_last_output
  say_end
}

# Two anonymous pipes: named ones, unlinked once both ends are open. Output goes through the first to the reader.
open_pipes() {
  local name
  name=$run/pipe.$$
  mkfifo -m 600 "$name"
  exec {codes}<>"$name" {codes_in}>"$name"
  rm -f "$name"
}
