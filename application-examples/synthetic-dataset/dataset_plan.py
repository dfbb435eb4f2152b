"""What a synthetic dataset holds, decided before anything is written: pure, the same seed gives the same plan."""

from __future__ import annotations

import hashlib
import random
import re
import uuid
from argparse import ArgumentTypeError
from dataclasses import dataclass

from faults import InputError
from slice_planes import ORIENTATIONS, Grid, Plane, offsets, plane_of

MODALITIES = ("MR", "CT")
FIELD_OF_VIEW = 240.0  # millimetres
WIDEST_SPACING = 5.0  # millimetres between slices
DEPTH = 0.75 * FIELD_OF_VIEW
UID_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_OID, "synthetic-dataset")

LIMITS = {
    "subjects": (1, 100_000),
    "studies_per_subject": (1, 100),
    "series_per_study": (1, 100),
    "slices": (1, 2_000),
    "rows": (8, 4_096),
    "columns": (8, 4_096),
    "tilt": (-45, 45),
}


@dataclass(frozen=True)
class Size:
    """How much to make. `tilt` is in degrees."""

    subjects: int = 3
    studies_per_subject: int = 1
    series_per_study: int = 3
    slices: int = 20
    rows: int = 128
    columns: int = 128
    localizer: bool = False
    tilt: float = 0.0


@dataclass(frozen=True)
class Slice:
    """One image: its plane and its distance in millimetres from the middle of the patient."""

    plane: Plane
    offset: float
    uid: str


@dataclass(frozen=True)
class Series:
    number: int
    folder: str
    description: str
    tags: tuple[str, ...]
    localizer: bool
    uid: str
    grid: Grid
    slices: tuple[Slice, ...]


@dataclass(frozen=True)
class Subject:
    """A subject that does not exist; `age` is in years."""

    name: str
    sex: str
    age: int


@dataclass(frozen=True)
class Study:
    id: str
    name: str
    subject: Subject
    modality: str
    date: str
    time: str
    uid: str
    frame_of_reference_uid: str
    path: str
    seed: int
    series: tuple[Series, ...]


@dataclass(frozen=True)
class DatasetPlan:
    id: str
    seed: int
    size: Size
    studies: tuple[Study, ...]

    @property
    def series_count(self) -> int:
        return sum(len(study.series) for study in self.studies)

    @property
    def file_count(self) -> int:
        return sum(len(series.slices) for study in self.studies for series in study.series)


def plan_dataset(dataset_id: str, size: Size, seed: int = 0) -> DatasetPlan:
    """Names, identifiers and geometry of all studies. Raises InputError for a size out of its limits."""
    check_size(size)
    studies = tuple(
        plan_study(f"{key}/{study}", plan_subject(key), modality=MODALITIES[index % len(MODALITIES)], size=size)
        for index, key in enumerate(f"{dataset_id}/{seed}/{subject}" for subject in range(size.subjects))
        for study in range(size.studies_per_subject)
    )
    return DatasetPlan(dataset_id, seed, size, studies)


def check_dataset_id(text: str) -> str:
    """The id itself when it can name a dataset, a folder and a list entry; else an error for the command line."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", text) or text.startswith("."):
        raise ArgumentTypeError(f"{text[:80]!r}: use 1 to 64 of letters, digits, '.', '_', '-', and no '.' in front")
    return text


def check_size(size: Size) -> None:
    for name, (least, most) in LIMITS.items():
        value = getattr(size, name)
        if not least <= value <= most:
            option = name.replace("_", "-")
            raise InputError(f"--{option} {value} is out of range: from {least} to {most}")


def uid_for(key: str) -> str:
    """A valid DICOM identifier made from a name-based UUID (PS3.5 B.2), the same for the same key."""
    return f"2.25.{uuid.uuid5(UID_NAMESPACE, key).int}"


def plan_subject(key: str) -> Subject:
    chance = random.Random(key)
    name = hashlib.sha256(key.encode()).hexdigest()[:8].upper()
    return Subject(name, chance.choice("MF"), chance.randint(35, 85))


def plan_study(key: str, subject: Subject, *, modality: str, size: Size) -> Study:
    chance = random.Random(key)
    date = f"{chance.randint(2015, 2023)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    name = f"{modality}SYNTHETIC{date}"
    planes = {number + 1: [ORIENTATIONS[number % 3]] for number in range(size.series_per_study)}
    if size.localizer:
        planes = {0: list(ORIENTATIONS), **planes}
    series = [plan_series(key, number, each, modality=modality, size=size) for number, each in planes.items()]
    return Study(
        id=hashlib.sha256(key.encode()).hexdigest()[:24],
        name=name,
        subject=subject,
        modality=modality,
        date=date,
        time=f"{chance.randint(8, 17):02}{chance.randint(0, 59):02}00",
        uid=uid_for(key),
        frame_of_reference_uid=uid_for(f"{key}/frame"),
        path=f"{subject.name}/{name}_{uid_for(key)[-6:]}",
        seed=chance.getrandbits(32),
        series=tuple(series),
    )


def plan_series(key: str, number: int, orientations: list[str], *, modality: str, size: Size) -> Series:
    """A series of one orientation, or a localizer: one slice of each."""
    localizer = len(orientations) > 1
    weighting = "CT" if modality == "CT" else ("T1W", "T2W")[(number - 1) // 3 % 2]
    short = "LOC" if localizer else {"axial": "AX", "sagittal": "SAG", "coronal": "COR"}[orientations[0]]
    grid = plan_grid(size)
    positions = (0.0,) if localizer else offsets(size.slices, grid.slice_spacing)
    planes = [plane_of(orientation, size.tilt) for orientation in orientations for _ in positions]
    slices = tuple(
        Slice(plane, position, uid_for(f"{key}/{number}/{index}"))
        for index, (plane, position) in enumerate(zip(planes, positions * len(orientations), strict=True))
    )
    return Series(
        number=number,
        folder=f"{number:02}{short}{weighting}",
        description=f"{short} {weighting}",
        tags=() if localizer else (weighting,),
        localizer=localizer,
        uid=uid_for(f"{key}/{number}"),
        grid=grid,
        slices=slices,
    )


def plan_grid(size: Size) -> Grid:
    return Grid(
        rows=size.rows,
        columns=size.columns,
        pixel_spacing=round(FIELD_OF_VIEW / max(size.rows, size.columns), 6),
        slice_spacing=round(min(WIDEST_SPACING, DEPTH / size.slices), 6),
    )
