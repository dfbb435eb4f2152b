# shellcheck shell=bash
# The status file of init.sh, WORKSTATION_RUN/init.json: one line of JSON, "state" first, replaced as a whole.

started_at=
started_us=0

# write_status STATE [EXIT_CODE REASON]; a full disk costs the status, never the job.
write_status() {
  local json now_us
  now_us=$(microseconds)
  if [ -z "$started_at" ]; then
    TZ=UTC0 printf -v started_at '%(%Y-%m-%dT%H:%M:%SZ)T' -1
    started_us=$now_us
  fi
  json="{\"state\":\"$1\""
  if [ "$1" != running ]; then
    json+=",\"exitCode\":${2:-0},\"reason\":$(json_text "${3:-}"),\"milliseconds\":$(((now_us - started_us) / 1000))"
  fi
  json+=",\"startedAt\":\"$started_at\",\"policy\":$(json_text "$policy"),\"timeLimitSeconds\":$limit"
  json+=",\"script\":$(json_text "$script"),\"log\":$(json_text "$run/init.log")}"
  { printf '%s\n' "$json" >"$run/init.json.new" && mv -fT -- "$run/init.json.new" "$run/init.json"; } 2>/dev/null ||
    say "the status of init.sh could not be written to $run/init.json"
}

# The digits of EPOCHREALTIME without its decimal mark, which follows the locale.
microseconds() {
  printf '%s' "${EPOCHREALTIME//[!0-9]/}"
}

json_text() {
  local text=$1 LC_ALL=C
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//[$'\x01'-$'\x1f'$'\x7f']/?}
  printf '"%s"' "$text"
}
