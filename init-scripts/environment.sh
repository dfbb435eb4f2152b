# shellcheck shell=bash
# What makes programs fast and readable here. Whatever the caller set already stays as it is.

set_environment() {
  export PATH=${PATH:-/usr/local/bin:/usr/bin:/bin}
  case :$PATH: in
    *":$HOME/.local/bin:"*) ;;
    *) PATH=$HOME/.local/bin:$PATH ;;
  esac
  export PYTHONUNBUFFERED=${PYTHONUNBUFFERED-1}
  place_caches
  limit_threads
  point_poetry_at_mirror
}

# pip, uv, poetry, matplotlib, torch, fontconfig and others follow XDG_CACHE_HOME; numba would write beside the source.
place_caches() {
  export TMPDIR=${TMPDIR:-/tmp}
  local cache=$TMPDIR/cache-$EUID
  [ -d "$cache" ] || mkdir -m 700 "$cache" 2>/dev/null || true
  if [ -L "$cache" ] || ! [ -O "$cache" ] || ! [ -w "$cache" ]; then
    cache=$HOME/.cache
  fi
  export XDG_CACHE_HOME=${XDG_CACHE_HOME:-$cache}
  export NUMBA_CACHE_DIR=${NUMBA_CACHE_DIR:-$XDG_CACHE_HOME/numba}
}

# A library that counts the host's cores starts more threads than the slot may use.
limit_threads() {
  local cores=${WORKSTATION_CORES:-} name
  [ -n "$cores" ] || return 0
  if ! [[ $cores =~ ^[1-9][0-9]{0,3}$ ]]; then
    say "WORKSTATION_CORES is ignored: $(printf %q "$cores") is no number of cores"
    return
  fi
  for name in OMP_NUM_THREADS OPENBLAS_NUM_THREADS MKL_NUM_THREADS BLIS_NUM_THREADS NUMEXPR_NUM_THREADS \
    NUMBA_NUM_THREADS TF_NUM_INTRAOP_THREADS ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS; do
    [ -n "${!name:-}" ] || export "$name=$cores"
  done
}

# Poetry reads no system-wide file, and its mirror plugin puts this variable above the user's own setting.
point_poetry_at_mirror() {
  local name value own=${POETRY_CONFIG_DIR:-${XDG_CONFIG_HOME:-$HOME/.config}/pypoetry}/config.toml
  local file=${lib:?}/../../../../etc/workstation/mirror.env
  [ -z "${POETRY_PYPI_MIRROR_URL+set}" ] && [ -r "$file" ] || return 0
  ! [ -f "$own" ] || ! head -c 65536 -- "$own" | grep -qs pypi_mirror || return 0
  while IFS='=' read -r name value; do
    [ "$name" != index_url ] || export POETRY_PYPI_MIRROR_URL=$value
  done <"$file"
}
