# shellcheck shell=bash
# When something that is started again and again ends too often.

ends_limit=5   # within the window: it cannot be kept alive
ends_window=60 # seconds
declare -A ends=()

# Notes that $1 ended now; true when it is one end too many within the window before.
ended_too_often() {
  local time recent=() now=$SECONDS
  for time in ${ends[$1]:-}; do
    [ $((now - time)) -ge "$ends_window" ] || recent+=("$time")
  done
  recent+=("$now")
  ends[$1]="${recent[*]}"
  [ ${#recent[@]} -ge "$ends_limit" ]
}
