#!/usr/bin/env python3
"""Lists the series of datasets by the orientation of their slices, and converts them to NIfTI on request.

Exit codes: 0 everything was done (files that cannot be read are counted in the table and in the last line);
2 wrong arguments or no such dataset, nothing was written; 3 done, but a whole dataset or series could not be
read, or a series not converted: the table and the messages tell which; 130 and 143 stopped from outside.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from dataset_index import Dataset, InputError, find_datasets, read_dataset
from headers import SeriesRow, read_series
from nifti import FEWEST_SLICES, convert
from orientation import AXES, TOLERANCE
from results import write_index, write_table
from workers import workers

RESULTS = "persistent-home/results/filter-series-by-orientation"
UNNAMED = ("mixed", "unknown")
NAMES = ("axial", "sagittal", "coronal", "oblique", *UNNAMED)


def main(argv: list[str] | None = None) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = parse_arguments(argv)
    try:
        return run(arguments)
    except (InputError, OSError) as error:
        print(f"filter_series: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("filter_series: stopped, no table was written", file=sys.stderr)
        return 130


def run(arguments: argparse.Namespace) -> int:
    datasets, broken = read_all(find_datasets(arguments.datasets, Path.home(), os.environ))
    arguments.output.mkdir(parents=True, exist_ok=True)
    refs = [ref for dataset in datasets for ref in dataset.series]
    with workers(len(refs)) as each:
        rows = list(watched("read", len(refs), each(partial(read_series, tolerance=arguments.tolerance), refs)))
        chosen = [row for row in rows if not arguments.orientation or row.orientation in arguments.orientation]
        if arguments.nifti:
            chosen = convert_all(chosen, arguments.output, each)
    table = arguments.output / "series.csv"
    write_table(chosen, table)
    if arguments.index:
        write_indexes(datasets, chosen, arguments.output)
    print(summary(rows, chosen, arguments.orientation), f"table: {table}", sep="; ")
    return tell_failures(rows, chosen, broken=broken, nifti=arguments.nifti)


def read_all(folders: Iterable[Path]) -> tuple[list[Dataset], int]:
    """All datasets whose index can be read, and how many cannot; InputError when none can."""
    datasets: list[Dataset] = []
    faults: list[InputError] = []
    for folder in folders:
        try:
            datasets.append(read_dataset(folder))
        except InputError as error:
            faults.append(error)
    if not datasets:
        raise faults[0]
    for fault in faults:
        print(f"left out: {fault}", file=sys.stderr)
    return datasets, len(faults)


def convert_all(rows: Sequence[SeriesRow], output: Path, each: Callable[..., Iterable[SeriesRow]]) -> list[SeriesRow]:
    with TemporaryDirectory(prefix=".converting-", dir=output) as drafts:
        task = partial(convert_row, output=output, drafts=Path(drafts))
        return list(watched("converted", len(rows), each(task, rows)))


def convert_row(row: SeriesRow, output: Path, drafts: Path) -> SeriesRow:
    if no_volume(row):
        return replace(row, note=join(row.note, f"not converted: {no_volume(row)}"))
    names = [PurePosixPath(name).name for name in (row.dataset, row.subject, row.study, row.series)]
    target = output.joinpath("nifti", *names[:-1], f"{names[-1]}.nii.gz")
    reason = convert(Path(row.path), target, drafts)
    return replace(row, note=join(row.note, reason), nifti="" if reason else str(target.relative_to(output)))


def no_volume(row: SeriesRow) -> str:
    """Why a series cannot be a volume, which is no fault of it: a localizer, a single picture, a report."""
    if row.orientation in UNNAMED:
        return f"its orientation is {row.orientation}"
    return f"{row.frames} slices make no volume" if row.frames < FEWEST_SLICES else ""


def write_indexes(datasets: Sequence[Dataset], rows: Sequence[SeriesRow], output: Path) -> None:
    for dataset in datasets:
        mine = [row for row in rows if row.dataset == dataset.id]
        write_index(dataset, mine, output / "index" / dataset.id / "index.json")


def watched(verb: str, total: int, rows: Iterable[SeriesRow]) -> Iterator[SeriesRow]:
    """Passes the rows through and tells how far they are, on stderr, at most once a second."""
    told, files = time.monotonic(), 0
    for done, row in enumerate(rows, 1):
        files += row.files + row.unreadable
        if time.monotonic() - told >= 1:
            told = time.monotonic()
            print(f"{verb} {done} of {total} series, {files} files", file=sys.stderr, flush=True)
        yield row


def summary(rows: Sequence[SeriesRow], chosen: Sequence[SeriesRow], wanted: Sequence[str]) -> str:
    counts = Counter(row.orientation for row in rows)
    kinds = ", ".join(f"{counts[name]} {name}" for name in NAMES)
    parts = [f"{len(rows)} series: {kinds}"]
    if wanted:
        parts.append(f"{len(chosen)} selected ({', '.join(wanted)})")
    parts.append(f"{sum(row.files for row in rows)} files read, {sum(row.unreadable for row in rows)} unreadable")
    converted = sum(1 for row in chosen if row.nifti)
    return "; ".join([*parts, f"{converted} NIfTI files"] if converted else parts)


def tell_failures(rows: Sequence[SeriesRow], chosen: Sequence[SeriesRow], *, broken: int, nifti: bool) -> int:
    unread = [row for row in rows if row.files == 0]
    unconverted = [row for row in chosen if nifti and not row.nifti and not no_volume(row)]
    for row in [*unread, *unconverted]:
        print(f"{row.path}: {row.note}", file=sys.stderr)
    if unread and len(unread) == len(rows):
        print("not one series could be read: is the datalake mounted?", file=sys.stderr)
    return 3 if broken or unread or unconverted else 0


def join(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="filter_series.py",
        description="List the series of datasets by the orientation of their slices: axial, sagittal, coronal.",
        epilog="Exit codes: 0 done; 2 nothing done, the message says why; 3 done, but something was left out.",
    )
    parser.add_argument(
        "datasets", nargs="*", metavar="DATASET",
        help="id or folder of a dataset (default: those of $DATASETS_LIST, else all in ~/datasets)",
    )  # fmt: skip
    parser.add_argument(
        "--orientation", action="append", choices=AXES, default=[],
        help="keep only these series (may be repeated); without it the table holds all",
    )  # fmt: skip
    parser.add_argument("--nifti", action="store_true", help="convert the series of the table to .nii.gz files")
    parser.add_argument("--index", action="store_true", help="write an index.json of the series of the table")
    parser.add_argument(
        "--output", type=Path, default=Path.home() / RESULTS, metavar="DIR",
        help=f"folder for the results (default: ~/{RESULTS})",
    )  # fmt: skip
    parser.add_argument(
        "--tolerance", type=degrees, default=TOLERANCE, metavar="DEGREES",
        help=f"largest angle between the slices' normal and its axis; beyond it oblique (default: {TOLERANCE:.1f})",
    )  # fmt: skip
    return parser.parse_args(argv)


def degrees(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 55:
        raise argparse.ArgumentTypeError(f"{text!r}: a number of degrees from 0 to 55 is needed")
    return value


if __name__ == "__main__":
    sys.exit(main())
