#!/usr/bin/env python3
"""Makes a synthetic dataset in the layout of the platform: an index, clinical forms, and DICOM series.

Exit codes: 0 the dataset is complete; 2 wrong arguments or a place that cannot be used, nothing was changed;
130 and 143 stopped from outside, nothing was changed.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from dataset_plan import DatasetPlan, Size, check_dataset_id, plan_dataset
from dicom_writer import estimate_bytes, write_series
from faults import InputError
from platform_files import write_platform_files
from publish import Places, check_places, publish, staging
from source_pixels import Anatomy, load_anatomy


def main(argv: list[str] | None = None) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = parse_arguments(argv)
    started = time.monotonic()
    try:
        plan = plan_dataset(arguments.id, size_of(arguments), arguments.seed)
        places = Places(arguments.datasets, arguments.datalake, arguments.link_root)
        make(plan, places, force=arguments.force)
    except (InputError, OSError) as error:
        print(f"make_dataset: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("make_dataset: stopped, nothing was changed", file=sys.stderr)
        return 130
    print(f"{summary(plan)}, in {time.monotonic() - started:.1f} s: {places.datasets / plan.id}")
    return 0


def make(plan: DatasetPlan, places: Places, *, force: bool) -> None:
    """Writes everything beside its final place, then moves it there: a dataset is whole or it is not there."""
    check_places(plan, places, bytes_needed=estimate_bytes(plan), force=force)
    with staging(plan, places) as stage:
        write_images(plan, stage.images)
        write_platform_files(plan, stage.dataset, places.link_root)
        publish(plan, stage, places, force=force)


def write_images(plan: DatasetPlan, folder: Path) -> None:
    anatomies = {modality: load(modality) for modality in sorted({study.modality for study in plan.studies})}
    report = Progress(plan.series_count)
    for study in plan.studies:
        for series in study.series:
            target = folder / study.path / series.folder
            write_series(study, series, anatomy=anatomies[study.modality], folder=target)
            report.step()


def load(modality: str) -> Anatomy:
    anatomy = load_anatomy(modality)
    if not anatomy.real:
        print(f"note: {anatomy.source}; {modality} pixels come from a computed phantom", file=sys.stderr)
    return anatomy


class Progress:
    """Tells how far the work is, on stderr, at most once a second."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.told = total, 0, time.monotonic()

    def step(self) -> None:
        self.done += 1
        if time.monotonic() - self.told >= 1:
            self.told = time.monotonic()
            print(f"{self.done} of {self.total} series written", file=sys.stderr, flush=True)


def summary(plan: DatasetPlan) -> str:
    subjects = len({study.subject.name for study in plan.studies})
    return (
        f"dataset {plan.id}: {subjects} subjects, {len(plan.studies)} studies, "
        f"{plan.series_count} series, {plan.file_count} files"
    )


def size_of(arguments: argparse.Namespace) -> Size:
    return Size(
        subjects=arguments.subjects,
        studies_per_subject=arguments.studies_per_subject,
        series_per_study=arguments.series_per_study,
        slices=arguments.slices,
        rows=arguments.rows,
        columns=arguments.columns,
        localizer=arguments.localizer,
        tilt=arguments.tilt,
    )


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make_dataset.py",
        description="Make a synthetic dataset: index.json, eforms.json, and subject folders that link to DICOM series.",
        epilog="The same seed, id and sizes always give the same dataset. No part of it belongs to a person.",
    )
    parser.add_argument("id", type=check_dataset_id, help="name of the dataset: letters, digits, '.', '_', '-'")
    places = parser.add_argument_group("places")
    places.add_argument("--datasets", type=Path, required=True, metavar="DIR", help="folder of all datasets")
    places.add_argument("--datalake", type=Path, required=True, metavar="DIR", help="folder that takes the images")
    places.add_argument(
        "--link-root", type=Path, default=Path("/mnt/datalake"), metavar="PATH",
        help="the datalake's path where the dataset is read (default: %(default)s)",
    )  # fmt: skip
    places.add_argument("--force", action="store_true", help="replace a synthetic dataset of this name")
    add_size_options(parser.add_argument_group("size"))
    parser.add_argument("--seed", type=int, default=0, help="start of all that is random (default: %(default)s)")
    return parser.parse_args(argv)


def add_size_options(group: argparse._ArgumentGroup) -> None:
    for name, default, what in (
        ("subjects", 3, "subjects"),
        ("studies-per-subject", 1, "studies of each subject"),
        ("series-per-study", 3, "series of each study: axial, sagittal, coronal, and again"),
        ("slices", 20, "slices (files) of each series"),
        ("rows", 128, "rows of each image"),
        ("columns", 128, "columns of each image"),
    ):
        group.add_argument(f"--{name}", type=int, default=default, metavar="N", help=f"{what} (default: {default})")
    group.add_argument("--localizer", action="store_true", help="add a localizer series (three planes) to each study")
    group.add_argument(
        "--tilt", type=float, default=0.0, metavar="DEGREES", help="tilt of the slices off their plane (default: 0)"
    )


if __name__ == "__main__":
    sys.exit(main())
