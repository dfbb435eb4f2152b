#!/bin/bash
#
# This script is yours. It runs at the start of every desktop and every job of yours, before the job's command, as a
# normal user (never as root) and with your home as the working directory. Use it to make ready what a new desktop or
# job does not have: everything outside persistent-home and persistent-shared-folder is gone with the container.
#
# Good to know:
#   - It may take 10 minutes at most unless your site says otherwise; a job waits for it, a desktop does not.
#   - Its output is in the job's log, between two lines of dashes, and in /run/workstation/init.log.
#   - `workstation-init-status` says how it went. If it fails, the job's command runs nevertheless.
#   - A variable for the job's command: echo "NAME=value" >> "$WORKSTATION_ENV"
#   - There is no Internet here; pip reaches the platform's mirror of PyPI.
#
# To use an example, delete the "# " at the beginning of its lines.

# Example 1: install a Python package from the mirror.
# pip install lifelines

# Example 2: use your own programs, uploaded to ~/persistent-home/my-tools/bin.
# chmod -R u+x ~/persistent-home/my-tools/bin
# echo "PATH=$HOME/persistent-home/my-tools/bin:$PATH" >> "$WORKSTATION_ENV"

# Example 3: install your own wheels, uploaded to ~/persistent-home/my-wheels.
# pip install --no-index --find-links ~/persistent-home/my-wheels ~/persistent-home/my-wheels/*.whl

# Example 4: install Python packages from the shared folder, without the mirror.
# packages="catboost lifelines"
# pip install --no-index --find-links ~/persistent-shared-folder/python-packages $packages

# Example 5: load a container image for uDocker, saved with "docker save" and uploaded.
# udocker load -i ~/persistent-home/my-image.tar

# Example 6: an environment of your own that sees the image's libraries too (without the option it lacks even numpy).
# python3 -m venv --system-site-packages ~/my-environment
# echo "PATH=$HOME/my-environment/bin:$PATH" >> "$WORKSTATION_ENV"
