# shellcheck shell=bash
# Shortcuts on the desktop, the picture behind them, and settings of programs that look for them in the home only.

# Only a home that has no desktop folder gets the shortcuts: what a user took away stays away.
furnish_desktop() {
  local folder=$HOME/Desktop
  cp -R --no-clobber -- "${share:?}/home/." "$HOME/" 2>/dev/null || true
  if ! [ -e "$folder" ] && mkdir -- "$folder" 2>/dev/null; then
    cp -- "${share:?}/desktop/"*.desktop "$folder/" 2>/dev/null || true
  fi
}

# Says whose desktop this is, and that its data stays. In the middle and in its own size, whatever size the screen has.
draw_wallpaper() {
  local folder=$XDG_RUNTIME_DIR/xdg/pcmanfm/workstation owner host text
  owner=$(as_text "${WORKSTATION_OWNER:-${USER:-$(id -un)}}")
  host=$(as_text "${HOSTNAME:-}")
  mkdir -p "$folder"
  # A session may be started again, and what its programs put there would hold it up.
  rm -rf -- "$XDG_RUNTIME_DIR/wallpaper.svg" "$folder/pcmanfm.conf"
  text=$(<"${share:?}/wallpaper.svg")
  text=${text//OWNER/"$owner"}
  printf '%s\n' "${text//HOST/"$host"}" >"$XDG_RUNTIME_DIR/wallpaper.svg"
  cat >"$folder/pcmanfm.conf" <<END
[desktop]
wallpaper_mode=center
wallpaper_common=1
wallpaper=$XDG_RUNTIME_DIR/wallpaper.svg
desktop_bg=#1d3a52
desktop_fg=#ffffff
desktop_shadow=#0c1a26
desktop_font=Sans 10
show_wm_menu=0
sort=name;ascending;
show_documents=0
show_trash=0
show_mounts=0
END
}

# Characters that SVG would take for its own, and those that are none, are left out.
as_text() {
  local text=${1//[<>&[:cntrl:]]/}
  printf '%s' "${text:0:60}"
}
