# shellcheck shell=bash
# The status file of init.sh, WORKSTATION_RUN/init.json: one line of JSON, "state" first, replaced as a whole.

started_at=
started_us=0

# write_status STATE [EXIT_CODE REASON]; a full disk costs the status, never the job.
write_status() {
  local json result='' reason=${3:-} log=${run:?}/init.log file=$run/init.json now_us=${EPOCHREALTIME//[!0-9]/}
  local script=${script:?}
  json_text script log reason
  if [ -z "$started_at" ]; then
    TZ=UTC0 printf -v started_at '%(%Y-%m-%dT%H:%M:%SZ)T' -1
    started_us=$now_us
  fi
  if [ "$1" != running ]; then
    result="\"exitCode\":$2,\"reason\":\"$reason\",\"milliseconds\":$(((now_us - started_us) / 1000)),"
  fi
  printf -v json '{"state":"%s",%s"startedAt":"%s","policy":"%s","timeLimitSeconds":%d,"script":"%s","log":"%s"}' \
    "$1" "$result" "$started_at" "${policy:?}" "${limit:?}" "$script" "$log"
  { put_in_place "$json" "$file"; } 2>/dev/null ||
    say "the status of init.sh could not be written to $file"
}

# The first one has nothing to replace, and a move costs the start a process. A FIFO in the way would stop the start.
put_in_place() {
  if [ -e "$2" ]; then
    ! [ -e "$2.new" ] || rm -rf -- "$2.new"
    printf '%s\n' "$1" >"$2.new" && mv -fT -- "$2.new" "$2"
  else
    printf '%s\n' "$1" >"$2"
  fi
}

# Escapes the named variables in place. Control characters have no business in a path; they become "?".
json_text() {
  local name text LC_ALL=C
  for name in "$@"; do
    text=${!name//\\/\\\\}
    text=${text//\"/\\\"}
    printf -v "$name" '%s' "${text//[$'\x01'-$'\x1f'$'\x7f']/?}"
  done
}
