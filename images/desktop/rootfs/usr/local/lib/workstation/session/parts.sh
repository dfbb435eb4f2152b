# shellcheck shell=bash
# The parts of a session: programs that have to be there as long as it lasts.

declare -A part_of part_command
bus=

# start_part NAME COMMAND…
start_part() {
  local name=$1
  shift
  part_command[$name]=$(printf '%q ' "$@")
  "$@" &
  part_of[$!]=$name
}

# Starts again what dies, until something dies too often.
keep_parts() {
  local ended code name
  while true; do
    code=0 ended=
    wait -n -p ended || code=$?
    [ "$ended" != "$bus" ] || die "the message bus ended with $code"
    name=${part_of[${ended:-0}]:-}
    if [ -n "$name" ]; then
      unset "part_of[$ended]"
      count_death "$name" "$code"
      eval "start_part $name ${part_command[$name]}"
    fi
  done
}

count_death() {
  printf 'workstation: the %s of the desktop ended with %s, it is started again\n' "$1" "$2" >&2
  ! ended_too_often "$1" || die "its $1 (${part_command[$1]% }) keeps ending, with $2 the last time"
  sleep 0.2
}

# shellcheck disable=SC2329 # called by a trap
end_session() {
  trap '' TERM INT HUP
  local id
  for id in "${!part_of[@]}"; do kill -TERM "$id" 2>/dev/null || true; done
  for id in "${!part_of[@]}"; do wait "$id" || true; done
  kill -TERM "$bus" 2>/dev/null || true
  wait "$bus" || true
  exit 0
}
