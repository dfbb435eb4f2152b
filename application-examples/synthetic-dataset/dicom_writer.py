"""Writes one planned series as DICOM files (CT and MR Image Storage, explicit VR little endian)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, MRImageStorage

from dataset_plan import DatasetPlan, Series, Slice, Study
from slice_planes import Grid, first_pixel
from source_pixels import LARGEST_VALUE, Anatomy, sample

HEADER_BYTES = 4096
STORAGE = {"CT": CTImageStorage, "MR": MRImageStorage}


def write_series(study: Study, series: Series, *, anatomy: Anatomy, folder: Path) -> None:
    """Writes each slice as `<SOP instance UID>.dcm` in `folder`, which is made."""
    folder.mkdir(parents=True)
    for number, image in enumerate(series.slices, 1):
        pixels = sample(anatomy, pixel_positions(image, series.grid), study.seed)
        dataset = describe(study, series, image)
        dataset.InstanceNumber = number
        add_pixels(dataset, pixels)
        dataset.save_as(folder / f"{image.uid}.dcm", enforce_file_format=True)


def estimate_bytes(plan: DatasetPlan) -> int:
    """Bytes the images will take at most, the clinical forms included."""
    return plan.file_count * (plan.size.rows * plan.size.columns * 2 + HEADER_BYTES)


def pixel_positions(image: Slice, grid: Grid) -> NDArray[np.float64]:
    """Position in the patient of each pixel's centre: rows x columns x (x, y, z), in millimetres (C.7.6.2.1-1)."""
    origin = np.array(first_pixel(image.plane, grid, image.offset))
    down = np.arange(grid.rows)[:, None, None] * np.array(image.plane.column) * grid.pixel_spacing
    across = np.arange(grid.columns)[None, :, None] * np.array(image.plane.row) * grid.pixel_spacing
    return origin + down + across


def describe(study: Study, series: Series, image: Slice) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = STORAGE[study.modality]
    dataset.SOPInstanceUID = image.uid
    describe_study(dataset, study)
    describe_series(dataset, series)
    describe_plane(dataset, series.grid, image)
    {"CT": describe_ct, "MR": describe_mr}[study.modality](dataset, series)
    return dataset


def describe_study(dataset: Dataset, study: Study) -> None:
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientID = study.subject.name
    dataset.PatientName = f"{study.subject.name}^"
    dataset.PatientBirthDate = ""
    dataset.PatientSex = study.subject.sex
    dataset.PatientAge = f"{study.subject.age:03}Y"
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "Synthetic data, no patient"
    dataset.StudyInstanceUID = study.uid
    dataset.StudyID = study.id[:16]
    dataset.StudyDate = dataset.SeriesDate = dataset.ContentDate = study.date
    dataset.StudyTime = dataset.SeriesTime = dataset.ContentTime = study.time
    dataset.StudyDescription = study.name
    dataset.AccessionNumber = dataset.ReferringPhysicianName = ""
    dataset.Manufacturer = "Synthetic"
    dataset.Modality = study.modality
    dataset.FrameOfReferenceUID = study.frame_of_reference_uid
    dataset.PositionReferenceIndicator = ""


def describe_series(dataset: Dataset, series: Series) -> None:
    dataset.SeriesInstanceUID = series.uid
    dataset.SeriesNumber = series.number
    dataset.SeriesDescription = series.description
    dataset.PatientPosition = "HFS"
    dataset.AcquisitionNumber = 1
    dataset.BurnedInAnnotation = "NO"


def describe_plane(dataset: Dataset, grid: Grid, image: Slice) -> None:
    position = first_pixel(image.plane, grid, image.offset)
    dataset.ImagePositionPatient = decimals(position)
    dataset.ImageOrientationPatient = decimals((*image.plane.row, *image.plane.column))
    dataset.SliceLocation = round(image.offset, 6)
    dataset.SliceThickness = grid.slice_spacing
    dataset.PixelSpacing = [grid.pixel_spacing, grid.pixel_spacing]


def describe_ct(dataset: Dataset, series: Series) -> None:
    original = series.localizer or "AX" in series.folder
    dataset.ImageType = ["ORIGINAL", "PRIMARY"] if original else ["DERIVED", "SECONDARY"]
    dataset.ImageType.append("LOCALIZER" if series.localizer else "AXIAL" if original else "REFORMATTED")
    dataset.KVP = 120
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = -1024, 1, "HU"


def describe_mr(dataset: Dataset, series: Series) -> None:
    t2 = "T2W" in series.tags
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER" if series.localizer else "OTHER"]
    dataset.ScanningSequence, dataset.SequenceVariant, dataset.ScanOptions = "SE", "NONE", ""
    dataset.MRAcquisitionType = "2D"
    dataset.RepetitionTime, dataset.EchoTime = (4000, 100) if t2 else (500, 15)
    dataset.EchoTrainLength = 1
    dataset.SpacingBetweenSlices = series.grid.slice_spacing


def add_pixels(dataset: Dataset, pixels: NDArray[np.uint16]) -> None:
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.WindowCenter, dataset.WindowWidth = (LARGEST_VALUE + 1) // 4, (LARGEST_VALUE + 1) // 2
    dataset.PixelData = pixels.astype("<u2").tobytes()


def decimals(values: tuple[float, ...]) -> list[float]:
    """Rounded so that each fits the 16 characters of a decimal string."""
    return [round(value, 6) + 0.0 for value in values]
