"""The generator: the layout of the platform, valid images of one body, clear refusals."""

from __future__ import annotations

import json

import numpy as np
import pytest
import SimpleITK
from pydicom import dcmread
from pydicom.uid import UID

import source_pixels


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def series_folders(dataset):
    return [
        dataset / study["path"] / series["folderName"]
        for study in read_json(dataset / "index.json")
        for series in study["series"]
    ]


def read_volume(folder):
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return reader.Execute()


def test_the_index_lists_every_study_and_series_in_the_platforms_shape(make):
    dataset = make("d1", "--studies-per-subject", 2)
    studies = read_json(dataset / "index.json")
    assert len(studies) == 4
    for study in studies:
        assert set(study) == {"studyId", "studyName", "subjectName", "path", "series", "url"}
        assert study["path"].startswith(study["subjectName"] + "/")
        assert [set(series) for series in study["series"]] == [{"folderName", "tags"}] * 3
    assert all(len(list(folder.glob("*.dcm"))) == 5 for folder in series_folders(dataset))


def test_every_study_has_a_clinical_form_of_its_subject(make):
    dataset = make("d1", "--studies-per-subject", 2)
    forms = {form["subjectName"]: form["eForm"] for form in read_json(dataset / "eforms.json")}
    studies = read_json(dataset / "index.json")
    assert set(forms) == {study["subjectName"] for study in studies}
    header = dcmread(next(series_folders(dataset)[0].iterdir()))
    pages = {page["page_name"]: page["page_data"] for page in forms[studies[0]["subjectName"]]["pages"]}
    assert f"{pages['inclusion_criteria']['age_at_diagnosis']['value']:03}Y" == header.PatientAge
    assert pages["patient_data"]["gender"]["value"][0] == header.PatientSex


def test_subject_folders_link_to_studies_under_the_link_root(run, site):
    run("make_dataset", "d1", "--datasets", site.datasets, "--datalake", site.datalake, "--subjects", 1, "--slices", 1)
    study = read_json(site.datasets / "d1" / "index.json")[0]
    link = site.datasets / "d1" / study["path"]
    assert link.is_symlink()
    assert str(link.readlink()) == f"/mnt/datalake/d1/{study['path']}"
    assert (site.datalake / "d1" / study["path"] / study["series"][0]["folderName"]).is_dir()


def test_series_are_axial_sagittal_and_coronal_volumes_for_simpleitk(make):
    directions = {}
    for folder in series_folders(make("d1"))[:3]:
        image = read_volume(folder)
        assert image.GetSize() == (24, 32, 5)
        assert image.GetSpacing() == pytest.approx((7.5, 7.5, 5.0))
        directions[folder.name[2:5]] = tuple(round(value) for value in image.GetDirection()[2::3])
    assert directions == {"AXT": (0, 0, 1), "SAG": (-1, 0, 0), "COR": (0, 1, 0)}


def test_the_three_orientations_of_a_study_show_the_same_body(make):
    axial, sagittal, coronal = (read_volume(folder) for folder in series_folders(make("d1", slices=21))[:3])
    linear = SimpleITK.sitkLinear
    here = [(x, y, z) for x in (-30.0, 0.0, 30.0) for y in (-30.0, 0.0, 30.0) for z in (-20.0, 0.0, 20.0)]
    values = [[image.EvaluateAtPhysicalPoint(point, linear) for point in here] for image in (axial, sagittal, coronal)]
    assert np.corrcoef(values).min() > 0.9


def test_pixels_come_from_the_real_slices_that_pydicom_ships(make):
    for folder, name in zip(series_folders(make("d1"))[::3], ("MR_small.dcm", "CT_small.dcm"), strict=True):
        anatomy = source_pixels.load_anatomy(name[:2])
        assert (anatomy.real, anatomy.source) == (True, name)
        middle = sorted((dcmread(path) for path in folder.iterdir()), key=lambda image: image.SliceLocation)[2]
        step = anatomy.slice.shape[0] // 32
        small = anatomy.slice[step // 2 :: step, step // 2 :: step]
        inside = small[:, 4:28]
        assert np.corrcoef(inside.ravel(), middle.pixel_array.ravel())[0, 1] > 0.7


def test_a_missing_sample_file_gives_a_phantom_and_says_so(run, site, monkeypatch):
    monkeypatch.setattr(source_pixels, "get_testdata_file", lambda *_, **__: None)
    ended = run(
        "make_dataset", "d1", "--datasets", site.datasets, "--datalake", site.datalake, "--subjects", 1, "--slices", 1
    )
    assert ended.code == 0
    assert "pydicom's sample MR_small.dcm is not installed; MR pixels come from a computed phantom" in ended.err


def test_identifiers_are_valid_and_different_for_every_image(make):
    headers = [dcmread(path) for folder in series_folders(make("d1")) for path in folder.iterdir()]
    images = [header.SOPInstanceUID for header in headers]
    assert len(set(images)) == len(images) == 30
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"):
        assert all(UID(header[keyword].value).is_valid for header in headers)
    assert all(header.file_meta.MediaStorageSOPInstanceUID == header.SOPInstanceUID for header in headers)


def test_a_tilt_turns_the_slices_by_that_angle(make):
    header = dcmread(next(series_folders(make("d1", "--tilt", 20))[0].iterdir()))
    cosines = [float(value) for value in header.ImageOrientationPatient]
    normal = np.cross(cosines[:3], cosines[3:])
    assert np.degrees(np.arccos(normal[2])) == pytest.approx(20, abs=0.01)


def test_a_localizer_holds_one_slice_of_each_plane(make):
    folder = series_folders(make("d1", "--localizer"))[0]
    planes = {tuple(dcmread(path).ImageOrientationPatient) for path in folder.iterdir()}
    assert len(planes) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--subjects", "0"], "--subjects 0 is out of range: from 1 to 100000"),
        (["--rows", "5000"], "--rows 5000 is out of range: from 8 to 4096"),
        (["--slices", "-1"], "--slices -1 is out of range"),
        (["--tilt", "90"], "--tilt 90.0 is out of range: from -45 to 45"),
        (["--link-root", "datalake"], "--link-root datalake is relative"),
        (["--columns", "many"], "invalid int value: 'many'"),
    ],
)
def test_a_value_out_of_its_limits_is_named(run, site, options, message):
    ended = run("make_dataset", "d1", "--datasets", site.datasets, "--datalake", site.datalake, *options)
    assert ended.code == 2
    assert message in ended.err


@pytest.mark.parametrize("name", ["", "..", "../up", "a/b", ".hidden", "a b", "a\nb", "x" * 65, "ñ"])
def test_an_id_that_is_no_plain_name_is_refused(run, site, name):
    ended = run("make_dataset", "--datasets", site.datasets, "--datalake", site.datalake, "--", name)
    assert ended.code == 2
    assert "use 1 to 64 of letters, digits" in ended.err
    assert not site.datalake.exists()
