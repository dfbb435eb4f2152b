"""The name of a plane: by its normal, with a tolerance, from values that can be anything."""

from __future__ import annotations

import math

import pytest

from orientation import TOLERANCE, OrientationError, name_orientation


def tilted(degrees):
    """Axial rows, columns turned around the rows."""
    return [1, 0, 0, 0, math.cos(math.radians(degrees)), math.sin(math.radians(degrees))]


@pytest.mark.parametrize(
    ("cosines", "name"),
    [
        ([1, 0, 0, 0, 1, 0], "axial"),
        ([-1, 0, 0, 0, -1, 0], "axial"),
        ([0, 1, 0, -1, 0, 0], "axial"),
        ([0, 1, 0, 0, 0, -1], "sagittal"),
        ([0, -1, 0, 0, 0, -1], "sagittal"),
        ([0, 0, 1, 0, 1, 0], "sagittal"),
        ([1, 0, 0, 0, 0, -1], "coronal"),
        ([-1, 0, 0, 0, 0, 1], "coronal"),
    ],
)
def test_the_axis_of_the_normal_names_the_plane(cosines, name):
    assert name_orientation(cosines).name == name
    assert name_orientation(cosines).angle == 0


@pytest.mark.parametrize(
    ("degrees", "name"),
    [
        (20, "axial"),
        (36.8, "axial"),
        (37, "oblique"),
        (45, "oblique"),
        (53, "oblique"),
        (53.2, "coronal"),
        (90, "coronal"),
    ],
)
def test_a_plane_further_than_the_tolerance_from_all_axes_is_oblique(degrees, name):
    assert name_orientation(tilted(degrees)).name == name


def test_the_angle_is_the_distance_to_the_closest_axis():
    assert name_orientation(tilted(20)).angle == 20
    assert name_orientation(tilted(70)).angle == 20


def test_the_tolerance_can_be_chosen():
    assert name_orientation(tilted(20), tolerance=10).name == "oblique"
    assert name_orientation(tilted(44), tolerance=45).name == "axial"
    assert pytest.approx(36.87, abs=0.01) == TOLERANCE


def test_cosines_rounded_by_a_scanner_are_accepted():
    assert name_orientation([0.9999, 0.01, 0, -0.01, 0.9998, 0.001]).name == "axial"


@pytest.mark.parametrize(
    ("cosines", "message"),
    [
        ([0, 0, 0, 0, 0, 0], "holds no unit vectors"),
        ([1, 0, 0, 1, 0, 0], "not perpendicular"),
        ([1, 0, 0], "is not six numbers"),
        ([1, 0, 0, 0, math.nan, 0], "is not six numbers"),
        ([1, 0, 0, 0, 1e300, 0], "holds no unit vectors"),
    ],
)
def test_values_that_describe_no_plane_are_told(cosines, message):
    with pytest.raises(OrientationError, match=message):
        name_orientation(cosines)
