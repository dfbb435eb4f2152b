"""Reads the headers of one series: never pixels, and of the header only what the table needs."""

from __future__ import annotations

import logging
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset

from dataset_index import SeriesRef
from orientation import Orientation, OrientationError, name_orientation

TAGS = [
    "SOPClassUID",
    "Modality",
    "SeriesDescription",
    "SeriesInstanceUID",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "PixelSpacing",
    "SliceThickness",
    "ImageOrientationPatient",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "DetectorInformationSequence",
]
"""The last three hold the orientation of multi-frame images (enhanced CT, MR, PET, and nuclear medicine)."""


@dataclass
class Found:
    """What the files of a series say. `faults` are for the reader of the table, one a kind."""

    files: int = 0
    frames: int = 0
    unreadable: int = 0
    first: Dataset | None = None
    planes: Counter[Orientation] = field(default_factory=Counter)
    uids: set[str] = field(default_factory=set)
    faults: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class SeriesRow:
    """One row of the table. Angle in degrees, spacing and thickness in millimetres; empty where not known."""

    dataset: str
    subject: str
    study: str
    series: str
    modality: str
    description: str
    orientation: str
    angle: float | str
    files: int
    frames: int
    unreadable: int
    rows: int | str
    columns: int | str
    pixel_spacing: str
    slice_thickness: str
    note: str
    path: str
    nifti: str = ""


def read_series(ref: SeriesRef, tolerance: float) -> SeriesRow:
    """Reads all headers of a series and names its orientation.

    The orientation is axial, sagittal, coronal or oblique when all frames agree; `mixed` when they do not (a
    localizer); `unknown` when no frame tells. A file that cannot be read is counted, it never raises.
    """
    found = Found()
    # A warning for each odd value of each file would bury what matters; values that cannot be used become notes.
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in list_files(ref.path, found):
            read_file(path, found, tolerance)
    return to_row(ref, found)


def list_files(folder: Path, found: Found) -> list[Path]:
    try:
        files = sorted(path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file())
    except OSError as error:
        found.faults[f"folder cannot be read: {error.strerror}"] = None
        return []
    if not files:
        found.faults["folder is empty"] = None
    return files


def read_file(path: Path, found: Found, tolerance: float) -> None:
    try:
        header = read_header(path)
        planes = list(cosines_of_frames(header))
        frames = int(header.get("NumberOfFrames") or 1)
    except Exception as error:  # a damaged file can fail anywhere in the parser, and must not cost the others
        found.unreadable += 1
        found.faults[f"{path.name}: {str(error).splitlines()[0] if str(error) else type(error).__name__}"] = None
        return
    found.files += 1
    found.first = found.first or header
    found.uids.add(str(header.get("SeriesInstanceUID", "")))
    if "Rows" not in header:
        found.faults["holds objects without an image"] = None
        return
    found.frames += frames
    name_planes(planes, found, tolerance)


def read_header(path: Path) -> Dataset:
    header = dcmread(path, stop_before_pixels=True, specific_tags=TAGS)
    if "SOPClassUID" not in header:  # every object starts with it; pydicom itself accepts a file that was cut
        raise ValueError("the file ends within its header")
    return header


def name_planes(planes: list[list[float]], found: Found, tolerance: float) -> None:
    if not planes:
        found.faults["no ImageOrientationPatient"] = None
    for cosines in planes:
        try:
            found.planes[name_orientation(cosines, tolerance)] += 1
        except OrientationError as error:
            found.faults[str(error)] = None


def cosines_of_frames(header: Dataset) -> Iterator[list[float]]:
    """Direction cosines at every place where the kinds of images keep them, at most one a frame."""
    if header.get("ImageOrientationPatient"):
        yield [float(value) for value in header.ImageOrientationPatient]
        return
    shared = [
        group for group in header.get("SharedFunctionalGroupsSequence") or [] if "PlaneOrientationSequence" in group
    ]
    for group in shared or header.get("PerFrameFunctionalGroupsSequence") or []:
        for plane in group.get("PlaneOrientationSequence") or []:
            yield [float(value) for value in plane.ImageOrientationPatient]
    for detector in header.get("DetectorInformationSequence") or []:
        if detector.get("ImageOrientationPatient"):
            yield [float(value) for value in detector.ImageOrientationPatient]


def to_row(ref: SeriesRef, found: Found) -> SeriesRow:
    header = found.first or Dataset()
    names = {plane.name for plane in found.planes}
    if len(found.uids) > 1:
        found.faults[f"holds {len(found.uids)} different series"] = None
    return SeriesRow(
        dataset=ref.dataset,
        subject=ref.subject,
        study=ref.study,
        series=ref.name,
        modality=str(header.get("Modality") or ""),
        description=str(header.get("SeriesDescription") or ""),
        orientation="unknown" if not names else names.pop() if len(names) == 1 else "mixed",
        angle=max((plane.angle for plane in found.planes), default=""),
        files=found.files,
        frames=found.frames,
        unreadable=found.unreadable,
        rows=header.get("Rows") or "",
        columns=header.get("Columns") or "",
        pixel_spacing=measure(header, "PixelSpacing"),
        slice_thickness=measure(header, "SliceThickness"),
        note=shorten(list(found.faults)),
        path=str(ref.path),
    )


def measure(header: Dataset, keyword: str) -> str:
    """A length, from the plain header or from the pixel measures that all frames of an enhanced image share."""
    value = header.get(keyword)
    for group in header.get("SharedFunctionalGroupsSequence") or []:
        for measures in group.get("PixelMeasuresSequence") or []:
            value = value or measures.get(keyword)
    if value is None:
        return ""
    return "x".join(str(part) for part in value) if keyword == "PixelSpacing" else str(value)


def shorten(faults: list[str], most: int = 3) -> str:
    more = f"; and {len(faults) - most} more" if len(faults) > most else ""
    return "; ".join(faults[:most]) + more
