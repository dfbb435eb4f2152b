# shellcheck shell=bash
# What init.sh hands on to the command: lines NAME=value, or NAME<<END, lines, END for a value of several lines.

handed_on_limit=524288 # bytes in all; the kernel refuses a command whose arguments and environment pass 2 MB
value_limit=131000     # the kernel's limit for one variable is 131072 bytes with its name (execve(2))

# Exports every variable of the file $1. What cannot be taken is named and left out; nothing is expanded.
take_handed_on() {
  local file=$1 line name value end number=0
  [ -f "$file" ] && ! [ -L "$file" ] && [ -s "$file" ] || return 0
  if [ "$(stat -c %s "$file")" -gt "$handed_on_limit" ]; then
    say "nothing handed on by init.sh is taken: more than $handed_on_limit bytes"
    return
  fi
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    case $line in
      '' | '#'*) continue ;;
      *=*) name=${line%%=*} value=${line#*=} ;;
      *) name=$line value= ;;
    esac
    if [[ $line =~ ^([A-Za-z_][A-Za-z0-9_]*)\<\<([A-Za-z0-9_]+)$ ]]; then
      name=${BASH_REMATCH[1]} end=${BASH_REMATCH[2]} value=
      read_lines_until "$end" || true
    elif [[ $line != *=* ]]; then
      say "handed on by init.sh, line $number: $(shown "$line") is not NAME=value"
      continue
    fi
    take_one "$name" "$value"
  done <"$file"
}

# Collects into `value` and `number` of the caller; a missing end takes the rest of the file.
read_lines_until() {
  local separator=
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    [ "$line" != "$1" ] || return 0
    value+=$separator$line
    separator=$'\n'
  done
}

take_one() {
  if ! [[ $1 =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]]; then
    say "handed on by init.sh: $(shown "$1") is not the name of a variable"
  elif refused_name "$1"; then
    say "handed on by init.sh: $1 is refused"
  elif [ ${#2} -gt "$value_limit" ]; then
    say "handed on by init.sh: the value of $1 is too long"
  else
    export "$1=$2"
  fi
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
  printf '%.80q' "$1"
}
