"""Finds datasets, and the series that the index of each one selects."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any


class InputError(Exception):
    """An argument or a dataset that cannot be used; the message names it and says what would do."""


@dataclass(frozen=True)
class SeriesRef:
    """Where one series of a dataset is, and the names it has there."""

    dataset: str
    subject: str
    study: str
    name: str
    path: Path


@dataclass(frozen=True)
class Dataset:
    id: str
    path: Path
    studies: list[dict[str, Any]]
    series: tuple[SeriesRef, ...]


def find_datasets(wanted: Sequence[str], home: Path, environment: Mapping[str, str]) -> list[Path]:
    """Folders of the datasets asked for: ids or paths; else those of $DATASETS_LIST; else all under ~/datasets."""
    root = home / "datasets"
    names = list(wanted) or [name.strip() for name in environment.get("DATASETS_LIST", "").split(",") if name.strip()]
    if names:
        return [locate(name, root) for name in names]
    found = sorted(path.parent for path in root.glob("[!.]*/index.json"))
    if not found:
        raise InputError(f"no dataset in {root}: name one, or ask for one when the desktop or job is started")
    return found


def read_dataset(folder: Path) -> Dataset:
    """The index of a dataset. Raises InputError with the place and the fault when it is not usable."""
    path = folder / "index.json"
    try:
        studies = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {error}") from error
    if not isinstance(studies, list):
        raise InputError(f"{path}: a list of studies is expected, this is a {type(studies).__name__}")
    name = folder.resolve().name
    series = [ref for number, study in enumerate(studies) for ref in series_of(study, number, name, folder)]
    return Dataset(name, folder, studies, tuple(series))


def series_name(entry: Any) -> str:
    """Folder name of a series entry: `{"folderName": ...}` today, a plain string in older datasets."""
    return entry["folderName"] if isinstance(entry, dict) else entry


def locate(name: str, root: Path) -> Path:
    for folder in (Path(name), root / name):
        if (folder / "index.json").is_file():
            return folder
    raise InputError(f"no dataset {name!r}: neither {Path(name).absolute()} nor {root / name} holds an index.json")


def series_of(study: Any, number: int, dataset: str, folder: Path) -> list[SeriesRef]:
    try:
        path, subject = study["path"], study["subjectName"]
        names = [series_name(entry) for entry in study.get("series", [])]
        check_inside(path, *names)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else error
        raise InputError(f"{folder / 'index.json'}: study {number}: {reason}") from error
    study_name = PurePosixPath(path).name
    return [SeriesRef(dataset, subject, study_name, name, folder / path / name) for name in names]


def check_inside(*parts: str) -> None:
    for part in parts:
        path = PurePosixPath(part)
        if not part or path.is_absolute() or ".." in path.parts:
            raise ValueError(f"path {part!r} leads out of the dataset")
