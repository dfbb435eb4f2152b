"""Several processes: bounded, and gone when the program is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

import filter_series
import workers

PROGRAM = Path(__file__).with_name("filter_series.py")


def test_one_process_and_several_give_the_same_table(make, run, table, monkeypatch):
    make("d1", "--localizer")
    tables = []
    for cores in ("1", "2"):
        monkeypatch.setenv("OMP_NUM_THREADS", cores)
        run("filter_series")
        tables.append(table())
    assert tables[0] == tables[1]


@pytest.mark.parametrize(("limit", "cores"), [("1", 1), ("", 4), ("9", 4), ("2", 2), ("0", 4), ("many", 4)])
def test_the_flavors_cores_bound_the_processes(monkeypatch, limit, cores):
    monkeypatch.setattr(workers.os, "sched_getaffinity", lambda _: set(range(4)))
    assert workers.core_count(limit) == cores


def test_a_killed_worker_ends_the_run_with_advice(make, run, monkeypatch):
    make("d1")
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setattr(filter_series, "read_series", kill_me)
    ended = run("filter_series")
    assert ended.code == 2
    assert "a worker process was killed, most likely for want of memory" in ended.err


def kill_me(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


BUSY_PROGRAM = """
import sys, time
sys.path.insert(0, sys.argv.pop(1))
busy = open(sys.argv.pop(1), "w")
import filter_series

def read_forever(ref, tolerance):
    busy.write("x")
    busy.flush()
    time.sleep(600)

filter_series.read_series = read_forever
sys.exit(filter_series.main())
"""


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_run_ends_with_the_signals_code_and_leaves_nothing(make, python, tmp_path, sent, code, output):
    make("d1")
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    busy = tmp_path / "busy"
    command = [python, "-c", BUSY_PROGRAM, PROGRAM.parent, busy]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True, env=environment)
    while not (busy.exists() and busy.stat().st_size == 2):
        assert process.poll() is None
    os.killpg(process.pid, sent)
    process.communicate(timeout=60)
    assert process.returncode == code
    assert list(output.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
