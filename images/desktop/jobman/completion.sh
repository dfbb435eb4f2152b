# shellcheck shell=bash
# Completion of jobman in a terminal. The tables that it reads stand above, made from jobman's own.

_jobman() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} name='' index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index += 1)); do
    # Behind -- stands the job's own command line.
    [ "${COMP_WORDS[index]}" != -- ] || return 0
    [ -n "$name" ] || [ -z "${jobman_options[${COMP_WORDS[index]}]+set}" ] || name=${COMP_WORDS[index]}
  done
  if [ -n "${jobman_values[$before]+set}" ]; then
    _jobman_take "$(_jobman_values "${jobman_values[$before]}")" "$word"
  elif [[ $word == -* ]]; then
    _jobman_take "${jobman_options[${name:-common}]}" "$word"
  elif [ -z "$name" ]; then
    _jobman_take "${jobman_commands:?}" "$word"
  elif [ -n "${jobman_operands[$name]+set}" ]; then
    _jobman_take "$(_jobman_values "${jobman_operands[$name]}")" "$word"
  fi
}

_jobman_take() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -W "$1" -- "$2")
}

# What only the scheduler knows; without one, nothing. A name may bear a tag, which bash would take for a word of its own.
_jobman_values() {
  case $1 in
    flavor) jobman resources-flavors -q -o name 2>/dev/null ;;
    image) jobman images -q -o name 2>/dev/null ;;
    job) jobman list -q -o name 2>/dev/null ;;
    format) echo "table wide json yaml name" ;;
    file) compgen -f -- "${COMP_WORDS[COMP_CWORD]}" ;;
  esac
}

complete -F _jobman jobman
