"""How the slices of a series lie in the patient, named from the direction of their normal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

AXES = ("sagittal", "coronal", "axial")
"""Names of slices whose normal lies along x (to the left), y (to the back), z (to the head): DICOM's patient axes."""

TOLERANCE = math.degrees(math.acos(0.8))
"""36.9 degrees: the largest angle between a normal and its axis. The cosine of 0.8 is what PixelMed and GDCM use."""

LARGEST_LENGTH_ERROR = 0.05
LARGEST_SKEW = 0.05


class OrientationError(ValueError):
    """Direction cosines that do not describe a plane."""


@dataclass(frozen=True)
class Orientation:
    """`name` is axial, sagittal, coronal or oblique; `angle` is in degrees, between the normal and its closest axis."""

    name: str
    angle: float


def name_orientation(cosines: Sequence[float], tolerance: float = TOLERANCE) -> Orientation:
    """Names the plane of an ImageOrientationPatient: cosines of the rows, then of the columns (PS3.3 C.7.6.2.1.1).

    The normal is their cross product and its closest axis gives the name; further than `tolerance` degrees from
    all axes it is oblique. Raises OrientationError when the six values are no two perpendicular unit vectors.
    """
    check_cosines(cosines)
    normal = cross(cosines[:3], cosines[3:])
    length = math.hypot(*normal)
    axis = max(range(3), key=lambda index: abs(normal[index]))
    angle = math.degrees(math.acos(min(1.0, abs(normal[axis]) / length)))
    return Orientation(AXES[axis] if angle <= tolerance else "oblique", round(angle, 2))


def check_cosines(cosines: Sequence[float]) -> None:
    if len(cosines) != 6 or not all(math.isfinite(value) for value in cosines):
        raise OrientationError(f"ImageOrientationPatient {list(cosines)} is not six numbers")
    row, column = cosines[:3], cosines[3:]
    if any(abs(math.hypot(*vector) - 1) > LARGEST_LENGTH_ERROR for vector in (row, column)):
        raise OrientationError(f"ImageOrientationPatient {list(cosines)} holds no unit vectors")
    if abs(sum(a * b for a, b in zip(row, column, strict=True))) > LARGEST_SKEW:
        raise OrientationError(f"ImageOrientationPatient {list(cosines)}: rows and columns are not perpendicular")


def cross(a: Sequence[float], b: Sequence[float]) -> tuple[float, float, float]:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
