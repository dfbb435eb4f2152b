"""Writes what was found: a table, and indexes in the platform's format. A file is whole or it is not there."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import TextIO

from dataset_index import Dataset, series_name
from headers import SeriesRow


def write_table(rows: Sequence[SeriesRow], path: Path) -> None:
    """Writes a heading and one row a series, comma separated, fields quoted as in RFC 4180, lines ended by LF."""
    with replacing(path) as out:
        table = csv.DictWriter(out, [column.name for column in fields(SeriesRow)], lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(row) for row in rows)


def write_index(dataset: Dataset, rows: Sequence[SeriesRow], path: Path) -> None:
    """Writes the dataset's index with only the studies and series that `rows` hold, for programs that read one."""
    kept = {row.path for row in rows}
    studies = []
    for study in dataset.studies:
        folder = dataset.path / study["path"]
        series = [entry for entry in study.get("series", []) if str(folder / series_name(entry)) in kept]
        if series:
            studies.append({**study, "series": series})
    with replacing(path) as out:
        json.dump(studies, out, indent=1, ensure_ascii=False)


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """A text file that takes the place of `path` when all is written, and leaves it alone when something fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            os.fchmod(handle, 0o644)
            yield out
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
