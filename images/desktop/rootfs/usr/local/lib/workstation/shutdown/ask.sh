# shellcheck shell=bash
# The question before the end: in a terminal, or in a window.

shown_in_terminal=20

ask_where_possible() {
  if [ -t 0 ]; then
    ask_in_terminal
  elif [ -n "${DISPLAY:-}" ]; then
    ask_in_window
  else
    printf 'workstation-shutdown: nobody can be asked here: say --copy or --discard\n' >&2
    exit 2
  fi
}

# Sets `files` (their paths) and `summary` (a sentence or two about them).
look() {
  local path bytes=0
  files=()
  while IFS= read -r -d '' path; do files+=("$path"); done < <(list_unsaved)
  for path in "${files[@]}"; do bytes=$((bytes + $(size_of "$path"))); done
  if [ ${#files[@]} -eq 0 ]; then
    summary="Nothing outside persistent-home would be lost."
  elif [ ${#files[@]} -eq 1 ]; then
    summary="1 file ($(in_units "$bytes")) lies outside persistent-home and is gone when the desktop ends."
  else
    summary="${#files[@]} files ($(in_units "$bytes")) lie outside persistent-home and are gone when the desktop ends."
  fi
  is_persistent || summary+=" This desktop has no persistent storage: what lies in persistent-home is gone, too."
}

size_of() {
  stat -c %s -- "$1" 2>/dev/null || echo 0
}

in_units() {
  local text
  text=$(numfmt --to=si -- "$1")
  printf '%sB' "${text/K/k}"
}

# As the shell would take it, where it would break the line or steer the terminal.
print_on_one_line() {
  if [[ $1 == *[[:cntrl:]]* ]]; then
    printf '%q\n' "$1"
  else
    printf '%s\n' "$1"
  fi
}

# As people write it: the home is ~, and what is no character is a question mark.
as_shown() {
  local text=${1//[[:cntrl:]]/?}
  # shellcheck disable=SC2088 # it is a text
  case $text in
    "$HOME"/*) printf '~/%s' "${text#"$HOME"/}" ;;
    *) printf '%s' "$text" ;;
  esac
}

ask_in_terminal() {
  local answer files summary path
  look
  printf '%s\n' "$summary"
  for path in "${files[@]:0:shown_in_terminal}"; do
    printf '%8s  %s\n' "$(in_units "$(size_of "$path")")" "$(as_shown "$path")"
  done
  [ ${#files[@]} -le "$shown_in_terminal" ] || echo "          … all of them: workstation-shutdown --list"
  echo "Close your programs first: what they have not saved is not listed."
  if [ ${#files[@]} -eq 0 ]; then
    read -r -p "Shut this desktop down? [y/N] " answer || answer=
    [[ $answer != [yY]* ]] || { end_desktop && return; }
  else
    read -r -p "[c]opy them to ~/persistent-home/${saved_name:?} and shut down, [d]iscard them and shut down, or stay? " \
      answer || answer=
    case $answer in
      [cC]*) save_and_end && return ;;
      [dD]*) end_desktop && return ;;
    esac
  fi
  echo "The desktop stays."
  return 1
}

ask_in_window() {
  local files summary path code=0 rows=() words
  look
  for path in "${files[@]:0:1000}"; do rows+=("$(in_units "$(size_of "$path")")" "$(as_shown "$path")"); done
  words="$summary"$'\n'"Close your programs first: what they have not saved is not listed."
  if [ ${#files[@]} -eq 0 ]; then
    window --image=system-shutdown --text="$words" --button="Stay":1 --button="Shut down":3 || code=$?
  else
    window --width=680 --height=420 --list --no-selection --column=Size --column=File --text="$words" \
      --button="Stay":1 --button="Shut down without them":3 \
      --button="Copy to persistent-home, shut down":2 -- "${rows[@]}" >/dev/null || code=$?
  fi
  case $code in
    2) save_in_window ;;
    3) end_desktop ;;
  esac
}

window() {
  yad --title="Shut down" --window-icon=system-shutdown --center --no-markup --text-width=72 "$@"
}

save_in_window() {
  local said
  if said=$(copy_unsaved 2>&1); then
    end_desktop
  else
    window --image=dialog-error --text="${said: -1500}" --button="Stay":1 || true
    return 1
  fi
}
