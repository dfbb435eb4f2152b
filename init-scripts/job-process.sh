# shellcheck shell=bash
# A job's command as a process: it leads a process group of its own and gets every signal once, as if it were started
# by tini. When the container is told to end, it lives until nothing of the job is left, or the engine kills it.

look_again=0.05 # seconds between two looks at what still saves its work

# Never returns; the exit code is the command's. Signals that come before the command are kept until it can get them:
# for a moment its process still has our traps, and would lose them.
accompany_command() {
  local code=0 leader signal ready ready_in
  group='' term_came='' missed=() bystanders=()
  pass_signals_on
  open_pipe ready
  set -m
  become_command "$@" &
  leader=$!
  set +m
  exec </dev/null >/dev/null 2>&1 {ready_in}>&-
  read -r -u "$ready" || true
  await_begin "$leader"
  group=$leader
  for signal in ${missed[@]+"${missed[@]}"}; do
    pass_on "$signal"
  done
  await_command
  [ -z "$term_came" ] || await_the_rest
  exit "$code"
}

become_command() {
  echo >&"$ready_in"
  exec {ready}<&- {ready_in}>&-
  exec -- "$@"
}

# Until the process $1 is no copy of this script any more: a signal that such a copy gets just before it executes the
# command is lost with it.
await_begin() {
  local own=() its=()
  mapfile -d '' -t own </proc/$$/cmdline || return 0
  while its=() && mapfile -d '' -t its <"/proc/$1/cmdline" && [ "${its[*]}" = "${own[*]}" ]; do :; done
}

# All that tini hands on and a script can catch: not the kernel's own, what stops or kills by force, or a child's end.
pass_signals_on() {
  local signal
  for signal in HUP INT QUIT USR1 USR2 PIPE ALRM TERM STKFLT CONT TSTP URG XCPU XFSZ VTALRM PROF WINCH IO PWR {34..64}; do
    # shellcheck disable=SC2064 # the signal of now
    trap "pass_on $signal" "$signal"
  done
}

pass_on() {
  interrupted=yes
  if [ -z "$group" ]; then
    missed+=("$1")
    return
  fi
  if [ "$1" = TERM ] && [ -z "$term_came" ]; then
    term_came=yes
    find_bystanders
  fi
  kill -s "$1" -- "-$group" || true
}

# A signal that is passed on ends `wait` too; the command's own code stays to be asked for.
await_command() {
  interrupted=yes
  while [ -n "$interrupted" ]; do
    interrupted='' code=0
    wait "$group" || code=$?
  done
}

# Sets `bystanders` to the process groups that have not got the command's TERM: those of setsid, timeout, `set -m`.
# What is started later may be the very saving, and is left alone.
find_bystanders() {
  local file line
  own_namespace || return 0
  for file in /proc/[0-9]*/stat; do
    IFS= read -r -d '' line <"$file" || true
    [[ $line =~ .*\)\ [A-Z]\ [0-9]+\ ([0-9]+) ]] || continue
    case ${BASH_REMATCH[1]} in
      0 | 1 | "$$" | "$group") ;;
      *) bystanders[BASH_REMATCH[1]]=yes ;;
    esac
  done
}

# A container ends with its first process, and the kernel kills what is left: so nothing may be left.
await_the_rest() {
  # shellcheck disable=SC2034 # the end that writes stays open and says nothing
  local other never never_in
  own_namespace || return 0
  for other in "${!bystanders[@]}"; do
    kill -s TERM -- "-$other" || true
  done
  open_pipe never
  while kill -s 0 -- -1; do
    read -r -t "$look_again" -u "$never" || true
  done
}

# Whether all processes that can be seen are the job's: tini, our parent, is the first of them.
own_namespace() {
  [ "$PPID" -eq 1 ]
}
