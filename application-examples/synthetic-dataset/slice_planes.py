"""Where slices lie in the patient, in DICOM's axes: x to the left, y to the back, z to the head (PS3.3 C.7.6.2.1.1)."""

from __future__ import annotations

import math
from dataclasses import dataclass

Vector = tuple[float, float, float]

ORIENTATIONS = ("axial", "sagittal", "coronal")

# Row direction (along increasing column) and column direction (along increasing row).
DIRECTIONS: dict[str, tuple[Vector, Vector]] = {
    "axial": ((1, 0, 0), (0, 1, 0)),
    "sagittal": ((0, 1, 0), (0, 0, -1)),
    "coronal": ((1, 0, 0), (0, 0, -1)),
}


@dataclass(frozen=True)
class Plane:
    """Directions of the rows, the columns, and the normal (row x column) of parallel slices."""

    row: Vector
    column: Vector
    normal: Vector


@dataclass(frozen=True)
class Grid:
    """Sizes of a stack of slices: pixels, and millimetres between them."""

    rows: int
    columns: int
    pixel_spacing: float
    slice_spacing: float


def plane_of(orientation: str, tilt: float = 0.0) -> Plane:
    """The plane of an orientation, turned by `tilt` degrees around its row direction."""
    row, column = DIRECTIONS[orientation]
    normal = cross(row, column)
    angle = math.radians(tilt)
    turned = add(scale(column, math.cos(angle)), scale(normal, math.sin(angle)))
    return Plane(row, turned, cross(row, turned))


def first_pixel(plane: Plane, grid: Grid, offset: float) -> Vector:
    """Centre of the first pixel of the slice `offset` millimetres along the normal from the middle of the patient."""
    to_left = scale(plane.row, -grid.pixel_spacing * (grid.columns - 1) / 2)
    to_top = scale(plane.column, -grid.pixel_spacing * (grid.rows - 1) / 2)
    return add(add(to_left, to_top), scale(plane.normal, offset))


def offsets(slices: int, spacing: float) -> tuple[float, ...]:
    """Distances of evenly spaced slices from the middle one, in millimetres, along the normal."""
    return tuple((index - (slices - 1) / 2) * spacing for index in range(slices))


def cross(a: Vector, b: Vector) -> Vector:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def add(a: Vector, b: Vector) -> Vector:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def scale(a: Vector, factor: float) -> Vector:
    return (a[0] * factor, a[1] * factor, a[2] * factor)
