"""Captures a VNC screen with vncdotool: witness.py HOST PORT FILE, the password on stdin."""

import sys

from vncdotool import api

host, port, file = sys.argv[1:]
client = api.connect(f"{host}::{port}", password=sys.stdin.readline().strip(), timeout=30)
client.captureScreen(file)
client.disconnect()
api.shutdown()
