"""Puts a finished dataset in its place: whole or not at all, and never over something this program did not make."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from dataset_plan import DatasetPlan
from faults import InputError

MARKER = ".synthetic-dataset.json"
HEADROOM = 1.05


@dataclass(frozen=True)
class Places:
    """Folder of the datasets, folder of the datalake, and the datalake's path where datasets are read."""

    datasets: Path
    datalake: Path
    link_root: Path


@dataclass(frozen=True)
class Stage:
    """Hidden folders beside the final places, on the same file systems."""

    dataset: Path
    images: Path


def check_places(plan: DatasetPlan, places: Places, *, bytes_needed: int, force: bool) -> None:
    """Makes the two folders if they are missing. Raises InputError when the dataset cannot be written there."""
    for folder in (places.datasets, places.datalake):
        make_folder(folder)
    if not places.link_root.is_absolute():
        raise InputError(f"--link-root {places.link_root} is relative: give the path as jobs see it, as /mnt/datalake")
    check_target(plan, places, force=force)
    free = shutil.disk_usage(places.datalake).free
    if bytes_needed * HEADROOM > free:
        raise InputError(
            f"{places.datalake} has {free / 1e6:.0f} MB free, the dataset needs "
            f"{bytes_needed * HEADROOM / 1e6:.0f} MB: ask for fewer subjects, series, slices or pixels"
        )


@contextmanager
def staging(plan: DatasetPlan, places: Places) -> Iterator[Stage]:
    """Two empty folders for the work; what is left in them at the end is removed."""
    with stage_folder(places.datalake, plan.id) as images, stage_folder(places.datasets, plan.id) as dataset:
        yield Stage(dataset, images)


def publish(plan: DatasetPlan, stage: Stage, places: Places, *, force: bool) -> None:
    """Moves images first and the dataset last: who sees a dataset sees all of it."""
    parameters = {"id": plan.id, "seed": plan.seed, "size": asdict(plan.size)}
    (stage.images / MARKER).write_text(json.dumps(parameters, indent=1) + "\n", encoding="utf-8")
    with locked(places.datalake):
        check_target(plan, places, force=force)
        remove(places.datasets / plan.id)
        remove(places.datalake / plan.id)
        stage.images.rename(places.datalake / plan.id)
        stage.dataset.rename(places.datasets / plan.id)


def check_target(plan: DatasetPlan, places: Places, *, force: bool) -> None:
    """A whole dataset is replaced on --force only; images without a dataset are the rest of a run that was killed."""
    dataset, images = places.datasets / plan.id, places.datalake / plan.id
    ours = (images / MARKER).is_file()
    for folder in (dataset, images):
        if os.path.lexists(folder) and not ours:
            raise InputError(f"{folder} exists and was not made by this program: choose another id")
    if os.path.lexists(dataset) and not force:
        raise InputError(f"{dataset} exists: choose another id, or replace it with --force")


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise InputError(f"{folder} is a file, a folder is needed") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"{folder} cannot be written by this user (uid {os.getuid()})")


@contextmanager
def stage_folder(parent: Path, dataset_id: str) -> Iterator[Path]:
    """A locked folder: one that is left and not locked belongs to a run that was killed."""
    with locked(parent):
        sweep(parent, dataset_id)
        folder = Path(tempfile.mkdtemp(prefix=f".{dataset_id}.partial-", dir=parent))
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        folder.chmod(0o755)  # jobs of other users read it; mkdtemp makes it private
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def sweep(parent: Path, dataset_id: str) -> None:
    for left in parent.glob(f".{dataset_id}.partial-*"):
        handle = os.open(left, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left)
        except BlockingIOError:
            continue
        finally:
            os.close(handle)


def remove(folder: Path) -> None:
    if folder.is_dir():
        shutil.rmtree(folder)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One run at a time changes what is in `folder`: two runs for one id must not mix their images."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
