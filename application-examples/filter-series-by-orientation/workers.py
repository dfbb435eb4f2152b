"""A `map` over as many processes as the job has cores. Headers are parsed in Python, so threads would not help."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from dataset_index import InputError

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def workers(tasks: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """Gives a `map` that keeps the order of its items; its processes are gone when the block is left."""
    count = min(core_count(os.environ.get("OMP_NUM_THREADS", "")), tasks)
    if count <= 1:
        yield map
        return
    pool = ProcessPoolExecutor(count, initializer=leave_signals_to_parent)
    try:
        yield lambda task, items: start(pool, task, items)
    except BrokenProcessPool:
        raise InputError(
            "a worker process was killed, most likely for want of memory: "
            "set OMP_NUM_THREADS to a lower number, or take a flavor with more memory"
        ) from None
    except BaseException:
        for child in multiprocessing.active_children():
            child.kill()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def core_count(limit: str) -> int:
    """Cores this process may use: $OMP_NUM_THREADS, which a job's flavor sets, never more than there are."""
    available = len(os.sched_getaffinity(0))
    return min(int(limit), available) if limit.isdecimal() and int(limit) > 0 else available


def start(pool: ProcessPoolExecutor, task: Callable[..., Any], items: Iterable[Any]) -> Iterable[Any]:
    """Starts the tasks with stop signals held back: one that arrives amid a fork would be lost or orphan a process."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        return pool.map(task, items)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def leave_signals_to_parent() -> None:
    for stop in STOP_SIGNALS:
        signal.signal(stop, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
