"""NIfTI files: the right voxels at the right place, or a reason."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import EnhancedMRImageStorage


def test_nifti_files_show_the_same_voxels_at_the_same_place_as_the_series(make, run, table, site):
    make("d1", "--tilt", 10, "--localizer")
    ended = run("filter_series", "--nifti", "--output", site.home / "out")
    assert ended.code == 0
    assert "; 6 NIfTI files; " in ended.out
    assert [bool(row["nifti"]) for row in table(site.home / "out")] == [False, True, True, True] * 2
    for row in table(site.home / "out"):
        if row["nifti"]:
            assert_same_volume(site.home / "out" / row["nifti"], Path(row["path"]))


def assert_same_volume(nifti, series):
    image = nibabel.load(nifti)
    assert image.shape == (24, 32, 5)
    inverse = np.linalg.inv(image.affine)
    voxels = image.get_fdata()
    for path in series.iterdir():
        header = dcmread(path)
        cosines = np.array(header.ImageOrientationPatient, dtype=float)
        row, column = 3, 7
        centre = np.array(header.ImagePositionPatient, dtype=float)
        centre = centre + 7.5 * (column * cosines[:3] + row * cosines[3:])
        at = inverse @ [-centre[0], -centre[1], centre[2], 1]  # NIfTI's x and y point the other way
        assert at[:3] == pytest.approx(np.rint(at[:3]), abs=1e-3)
        value = header.pixel_array[row, column] * header.get("RescaleSlope", 1) + header.get("RescaleIntercept", 0)
        assert voxels[tuple(np.rint(at[:3]).astype(int))] == value


def test_series_that_are_no_volumes_are_left_out_of_the_conversion_without_a_fault(make, run, table):
    make("d1", "--localizer", slices=3)
    ended = run("filter_series", "--nifti")
    assert (ended.code, ended.err) == (0, "")
    assert [row["nifti"] for row in table()] == [""] * 8
    assert [row["note"] for row in table()[:2]] == [
        "not converted: its orientation is mixed",
        "not converted: 3 slices make no volume",
    ]


def test_a_series_that_makes_no_volume_is_reported_and_ends_with_3(make, run, table, folders):
    gap = sorted(folders(make("d1", slices=8))[0].iterdir(), key=lambda path: dcmread(path).SliceLocation)
    gap[3].unlink()
    ended = run("filter_series", "--nifti")
    assert ended.code == 3
    assert table()[0]["nifti"] == ""
    assert "not converted: " in table()[0]["note"]
    assert table()[0]["note"] in ended.err
    assert ended.out.count("\n") == 1
    assert sum(bool(row["nifti"]) for row in table()) == 5


@pytest.mark.parametrize("shared", [True, False])
def test_enhanced_multi_frame_images_are_named_counted_and_converted(make, run, table, folders, shared, output):
    dataset = make("d1", "--tilt", 10)
    run("filter_series", "--nifti")
    wanted = [in_space(output / row["nifti"]) for row in table()[:3]]
    for folder in folders(dataset)[:3]:
        replace_by_multi_frame(folder, shared)
    ended = run("filter_series", "--nifti")
    assert ended.code == 0, ended.err
    for row, name in zip(table(), ("axial", "sagittal", "coronal"), strict=False):
        assert (row["orientation"], row["files"], row["frames"]) == (name, "1", "5")
        assert (row["pixel_spacing"], row["slice_thickness"]) == (("7.5x7.5", "5.0") if shared else ("", ""))
    for row, (affine, voxels) in zip(table(), wanted, strict=False):
        place, values = in_space(output / row["nifti"])
        assert place == pytest.approx(affine, abs=1e-3)
        assert np.array_equal(values, voxels)


def in_space(nifti):
    """Place and voxels of an image, whichever way its slices are stored."""
    image = nibabel.as_closest_canonical(nibabel.load(nifti))
    return image.affine, image.get_fdata()


def replace_by_multi_frame(folder, shared):
    """Puts one Enhanced MR image (PS3.3 A.36) in place of the slices of a series."""
    slices = sorted((dcmread(path) for path in folder.iterdir()), key=lambda header: header.SliceLocation)
    image = slices[0]
    for header in slices:
        Path(header.filename).unlink()
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = EnhancedMRImageStorage
    orientation, measures = Dataset(), Dataset()
    orientation.ImageOrientationPatient = image.ImageOrientationPatient
    measures.PixelSpacing, measures.SliceThickness = image.PixelSpacing, image.SliceThickness
    common = Dataset()
    common.PlaneOrientationSequence, common.PixelMeasuresSequence = [orientation], [measures]
    frames = [Dataset() for _ in slices]
    for frame, header in zip(frames, slices, strict=True):
        position = Dataset()
        position.ImagePositionPatient = header.ImagePositionPatient
        frame.PlanePositionSequence = [position]
        if not shared:
            frame.update(common)
    image.PerFrameFunctionalGroupsSequence = frames
    image.SharedFunctionalGroupsSequence = [common if shared else Dataset()]
    image.NumberOfFrames = len(slices)
    image.PixelData = b"".join(header.PixelData for header in slices)
    for keyword in ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing", "SliceThickness"):
        del image[keyword]
    image.save_as(folder / "enhanced.dcm")
