# shellcheck shell=bash
# Where a desktop's servers listen; `desktopPorts` of the tools is compared with it.

# shellcheck disable=SC2034 # read by those who listen and those who ask
vnc_port=5900 sftp_port=2222
