# shellcheck shell=sh
# Sourced first by every RUN of a generated Dockerfile: `. /srv/build-step && … && seal`.
set -eu

# A second back: files are stamped by a clock that may lag behind this one by some milliseconds.
started=$(date -d '1 second ago' +%s.%N)
export SOURCE_DATE_EPOCH=1767225600
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root
# The parent's own pip and uv configuration names a mirror that only researchers reach.
export PIP_CONFIG_FILE=/dev/null UV_NO_CONFIG=1 PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
export PYTHONDONTWRITEBYTECODE=1
# A busy machine or a slow index must not fail a build that only needs patience.
export PIP_DEFAULT_TIMEOUT=120 UV_HTTP_TIMEOUT=120 PIP_RETRIES=8 UV_HTTP_RETRIES=8
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

# Removes what differs from build to build, and gives all that this step wrote one fixed time. Files that a lower layer
# may hold are emptied instead: their removal would be recorded with its time. What another stage lends is read-only.
seal() {
  rm -rf /tmp/* /var/tmp/* /root/.cache
  find /etc /var/log /var/cache/ldconfig /var/cache/debconf /var/lib/dpkg -xdev -type f -size +0 \
    \( -path '/etc/*-' -o -path '/var/log/*' -o -name aux-cache -o -name '*-old' \) -exec truncate -s 0 {} +
  same_machine_id /etc/machine-id /var/lib/dbus/machine-id
  find / -xdev \
    \( -path /proc -o -path /sys -o -path /dev -o -path /srv -o -path /etc/hosts -o -path /etc/resolv.conf \) -prune \
    -o -newermt "@$started" \( -type l -o -writable \) -print0 | xargs -0r touch -h -d "@$SOURCE_DATE_EPOCH"
}

# same_machine_id FILE…: installing D-Bus makes one up. In an image it is nobody's own anyway: all have the same, so that it
# tells neither builds nor sites apart, and programs that ask for it get an answer.
same_machine_id() {
  same=$(printf 'a container of workstation-images' | md5sum | cut -c1-32)
  for file in "$@"; do
    if [ -s "$file" ] && [ "$(cat "$file")" != "$same" ]; then echo "$same" >"$file"; fi
  done
}

# Registries' images empty apt's cache after each installation; ours is a mount that others use too.
keep_package_cache() {
  if [ -s /etc/apt/apt.conf.d/docker-clean ]; then : >/etc/apt/apt.conf.d/docker-clean; fi
}

# tidy_python FOLDER: what this step put there loses its tests and gets bytecode, valid whatever time its source
# carries. What lower layers put there stays untouched, or it would be in the image twice.
tidy_python() {
  find "$1" -mindepth 1 -maxdepth 1 -newermt "@$started" -print0 >/tmp/new-packages
  xargs -0r -I% find % -depth -type d \( -name tests -o -name __pycache__ \) -exec rm -rf {} + </tmp/new-packages
  xargs -0r python3 -m compileall -q --invalidation-mode unchecked-hash </tmp/new-packages
}

# drop_packages FOLDER NAME…: parts of packages that nobody needs at work.
drop_packages() {
  folder=$1
  shift
  for name in "$@"; do rm -r "${folder:?}/$name"; done
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

# The build machine's own authorities stay in the image, those that the distribution does not know anyway.
keep_authorities() {
  [ -s /srv/ca.crt ] || return 0
  mkdir -p /tmp/authorities /usr/local/share/ca-certificates
  tr -d '\n' </etc/ssl/certs/ca-certificates.crt >/tmp/known-authorities
  awk '/BEGIN CERTIFICATE/ { n++ } n { print > ("/tmp/authorities/" n ".crt") }' /srv/ca.crt
  for file in /tmp/authorities/*.crt; do
    body=$(sed '/-----/d' "$file" | tr -d '\n')
    grep -qF "$body" /tmp/known-authorities || cp "$file" "/usr/local/share/ca-certificates/build-${file##*/}"
  done
  update-ca-certificates
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

# run_in_new_folder FOLDER SCRIPT: runs it there, among its sources; not while one of them could not be had.
run_in_new_folder() {
  mkdir -p "$1"
  if [ -e /srv/missing-assets ]; then return 0; fi
  if [ -d /srv/sources ]; then cp -R /srv/sources/. "$1"; fi
  (cd "$1" && "$2")
}

# keep_made MODE FROM TO: what the stage's script made, where it ran; its folder is there in any case.
keep_made() {
  mkdir -p "${3%/*}"
  if [ ! -e /srv/missing-assets ]; then install -D -m "$1" "$2" "$3"; fi
}
