# shellcheck shell=bash
# What init.sh hands on to the command: lines NAME=value, or NAME<<END, lines, END for a value of several lines.

handed_on_limit=524288 # bytes in all; the kernel refuses a command whose arguments and environment pass 2 MB
value_limit=131000     # the kernel's limit for one variable is 131072 bytes with its name (execve(2))

# Exports every variable of the file $1. What cannot be taken is named and left out; nothing is expanded.
take_handed_on() {
  local file=$1 line number=0
  [ -f "$file" ] && [ -s "$file" ] || return 0
  if [ "$(stat -L -c %s "$file")" -gt "$handed_on_limit" ]; then
    say "nothing handed on by init.sh is taken: more than $handed_on_limit bytes"
    return
  fi
  while next_line; do
    if [[ $line =~ ^([A-Za-z_][A-Za-z0-9_]*)\<\<([A-Za-z0-9_]+)$ ]]; then
      take_several_lines "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
    elif [[ $line == *=* ]]; then
      take_one "${line%%=*}" "${line#*=}"
    elif [ -n "$line" ]; then
      say "handed on by init.sh, line $number: $(shown "$line") is not NAME=value"
    fi
  done <"$file"
}

next_line() {
  number=$((number + 1))
  IFS= read -r line || [ -n "$line" ]
}

take_several_lines() {
  local name=$1 end=$2 value='' separator=''
  while next_line; do
    if [ "$line" = "$end" ]; then
      take_one "$name" "$value"
      return
    fi
    value+=$separator$line
    separator=$'\n'
  done
  say "handed on by init.sh: the value of $name has no closing line $end"
}

take_one() {
  if ! [[ $1 =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]]; then
    say "handed on by init.sh, line $number: $(shown "$1") is not the name of a variable"
  elif refused_name "$1"; then
    say "handed on by init.sh, line $number: $1 is refused"
  elif longer_than_a_variable "$2"; then
    say "handed on by init.sh, line $number: the value of $1 is longer than $value_limit bytes"
  else
    export "$1=$2"
  fi
}

longer_than_a_variable() {
  local LC_ALL=C
  [ ${#1} -gt "$value_limit" ]
}

# Names that change what the loader, libc or a shell run before the command's first line (ld.so(8), bash(1)),
# and those that the platform itself sets.
refused_name() {
  case $1 in
    LD_* | BASH* | SHELLOPTS | ENV | IFS | PS4 | PROMPT_COMMAND | POSIXLY_CORRECT) ;;
    GCONV_PATH | GETCONF_DIR | GLIBC_TUNABLES | HOSTALIASES | LOCALDOMAIN | LOCPATH | MALLOC_*) ;;
    NIS_PATH | NLSPATH | RESOLV_HOST_CONF | RES_OPTIONS | TZDIR) ;;
    HOME | USER | LOGNAME | UID | EUID | PPID | GROUPS | _ | WORKSTATION_* | JOBMAN_*) ;;
    *) return 1 ;;
  esac
}

shown() {
  printf '%q' "${1:0:80}"
}
