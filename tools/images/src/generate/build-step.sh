# shellcheck shell=sh
# Sourced first by every RUN of a generated Dockerfile: `. /srv/build-step && … && seal`.
set -eu

started=$(date +%s.%N)
export SOURCE_DATE_EPOCH=1767225600
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root
# The parent's own pip and uv configuration names a mirror that only researchers reach.
export PIP_CONFIG_FILE=/dev/null UV_NO_CONFIG=1 PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
export PYTHONDONTWRITEBYTECODE=1
export UV_CACHE_DIR=/media UV_LINK_MODE=copy UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never

# What only the build machine knows: its private authorities and its package index.
if [ -s /srv/ca.crt ]; then
  export SSL_CERT_FILE=/srv/ca.crt PIP_CERT=/srv/ca.crt CURL_CA_BUNDLE=/srv/ca.crt
  export REQUESTS_CA_BUNDLE=/srv/ca.crt NODE_EXTRA_CA_CERTS=/srv/ca.crt
fi
if [ -s /srv/index-url ]; then
  PIP_INDEX_URL=$(cat /srv/index-url)
  UV_DEFAULT_INDEX=$PIP_INDEX_URL
  export PIP_INDEX_URL UV_DEFAULT_INDEX
fi

# Removes what differs from build to build, and gives all that this step wrote one fixed time.
seal() {
  rm -rf /tmp/* /var/tmp/* /root/.cache /var/cache/ldconfig/aux-cache
  rm -f /var/cache/debconf/*-old /var/lib/dpkg/*-old /etc/*-
  find /var/log -type f -delete
  find / -xdev \
    \( -path /proc -o -path /sys -o -path /dev -o -path /srv -o -path /etc/hosts -o -path /etc/resolv.conf \) -prune \
    -o -newermt "@$started" -print0 | xargs -0r touch -h -d "@$SOURCE_DATE_EPOCH"
}

# Tests of installed packages are not needed at work; bytecode is valid whatever time its source carries.
tidy_python() {
  find "$@" -depth -type d \( -name tests -o -name test -o -name __pycache__ \) -exec rm -rf {} +
  python3 -m compileall -q --invalidation-mode unchecked-hash "$@"
}

# Manuals and translations of packages to come; licences stay.
keep_no_documentation() {
  printf 'path-%s\n' \
    'exclude=/usr/share/doc/*' 'include=/usr/share/doc/*/copyright' 'exclude=/usr/share/man/*' \
    'exclude=/usr/share/info/*' 'exclude=/usr/share/locale/*' 'exclude=/usr/share/lintian/*' \
    >/etc/dpkg/dpkg.cfg.d/no-documentation
}

# Nobody becomes another user in an image (CIS Docker Benchmark 1.6.0, 4.8).
drop_setuid() {
  find / -xdev -type f -perm /6000 -exec chmod a-s {} +
}

# use_snapshot DISTRIBUTION URL: packages come from one moment of the distribution's archive.
use_snapshot() {
  rm -rf /etc/apt/sources.list.d/*
  case $1 in
    debian-12) suites="bookworm bookworm-updates" ;;
    ubuntu-22.04) suites="jammy jammy-updates jammy-security" ;;
    *) echo "no snapshot is known for $1" >&2 && return 1 ;;
  esac
  for suite in $suites; do echo "deb [check-valid-until=no] $2 $suite main"; done >/etc/apt/sources.list
}

site_packages() {
  python3 -c 'import sysconfig; print(sysconfig.get_path("purelib"))'
}

# link_commands FOLDER NAME…: the programs of an environment become everyone's.
link_commands() {
  folder=$1
  shift
  for name in "$@"; do ln -s "$folder/$name" "/usr/local/bin/$name"; done
}

# put_files FOLDER: copies a tree to /, leaving folders that exist as they are.
put_files() {
  tar -C "$1" -cf - --owner=0 --group=0 . | tar -C / -xmf - --no-overwrite-dir
}

# run_in_new_folder FOLDER SCRIPT: runs it there, among its sources.
run_in_new_folder() {
  mkdir -p "$1"
  if [ -d /srv/sources ]; then cp -R /srv/sources/. "$1"; fi
  (cd "$1" && "$2")
}
