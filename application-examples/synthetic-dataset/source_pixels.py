"""Image intensities at any point of a subject, from the real slices that pydicom ships (CT_small, MR_small)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.data import get_testdata_file
from scipy.ndimage import map_coordinates

from dataset_plan import FIELD_OF_VIEW

LARGEST_VALUE = 4095  # 12 bits stored
SOURCE_FILES = {"CT": "CT_small.dcm", "MR": "MR_small.dcm"}
PHANTOM_SIZE = 128


@dataclass(frozen=True)
class Anatomy:
    """One slice of intensities (0 to 4095), and whether it was measured or computed."""

    slice: NDArray[np.float32]
    real: bool
    source: str


def load_anatomy(modality: str) -> Anatomy:
    """The slice pydicom ships for a modality; a computed phantom where that file was left out of the installation."""
    name = SOURCE_FILES[modality]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = get_testdata_file(name, download=False)
    if path is None:
        return Anatomy(phantom(), real=False, source=f"pydicom's sample {name} is not installed")
    return Anatomy(normalise(dcmread(path).pixel_array), real=True, source=name)


def sample(anatomy: Anatomy, points: NDArray[np.float64], seed: int) -> NDArray[np.uint16]:
    """Stored values at points (x, y, z in millimetres, last axis), with the small differences of one subject.

    The source is one slice: the body is that slice, narrowing towards head and feet, so that cuts in any
    direction show the same subject.
    """
    chance = np.random.default_rng(seed)
    gain, turn = chance.uniform(0.85, 1.15), np.radians(chance.uniform(-5, 5))
    x, y, z = (points[..., axis] / (FIELD_OF_VIEW / 2) for axis in range(3))
    width = np.sqrt(np.clip(1 - 0.6 * z**2, 0.05, 1))
    across = (x * np.cos(turn) - y * np.sin(turn)) / width
    down = (x * np.sin(turn) + y * np.cos(turn)) / width
    rows, columns = anatomy.slice.shape
    at = np.stack([(down + 1) / 2 * (rows - 1), (across + 1) / 2 * (columns - 1)])
    values = map_coordinates(anatomy.slice, at, order=1, mode="constant", cval=0.0) * gain
    values += chance.normal(0, 8, values.shape)
    return np.clip(np.rint(values), 0, LARGEST_VALUE).astype(np.uint16)


def normalise(pixels: NDArray[np.generic]) -> NDArray[np.float32]:
    values = pixels.astype(np.float32)
    low, high = float(values.min()), float(np.percentile(values, 99.5))
    return np.clip((values - low) / (high - low), 0, 1.2) * 3000


def phantom() -> NDArray[np.float32]:
    """A skull, a brain and two ventricles, as ellipses."""
    y, x = np.mgrid[-1 : 1 : PHANTOM_SIZE * 1j, -1 : 1 : PHANTOM_SIZE * 1j]
    image = np.zeros_like(x, dtype=np.float32)
    for centre_x, centre_y, width, height, value in (
        (0.0, 0.0, 0.7, 0.9, 2600),
        (0.0, 0.0, 0.64, 0.83, 1400),
        (0.22, 0.1, 0.12, 0.3, 500),
        (-0.22, 0.1, 0.15, 0.4, 500),
    ):
        image[((x - centre_x) / width) ** 2 + ((y - centre_y) / height) ** 2 <= 1] = value
    return image
