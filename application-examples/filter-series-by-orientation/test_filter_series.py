"""The example, on real datasets made by the generator, good and broken."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import nibabel
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import EnhancedMRImageStorage, RLELossless

import filter_series
import workers

PROGRAM = Path(__file__).with_name("filter_series.py")
DEFAULT_OUTPUT = "persistent-home/results/filter-series-by-orientation"


@pytest.fixture
def table(site):
    """The rows of the table at its default place."""

    def read(output=site.home / DEFAULT_OUTPUT):
        with (output / "series.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture
def folders():
    """Folders of all series of a dataset, in the order of its index."""

    def read(dataset):
        studies = json.loads((dataset / "index.json").read_text())
        return [dataset / study["path"] / series["folderName"] for study in studies for series in study["series"]]

    return read


def edit(folder, change):
    for path in folder.glob("*.dcm"):
        header = dcmread(path)
        change(header)
        header.save_as(path)


def test_the_table_holds_every_series_of_every_dataset_with_its_orientation(make, run, table):
    make("d1", "--localizer")
    make("d2")
    ended = run("filter_series")
    assert ended.code == 0
    assert [(row["dataset"], row["orientation"]) for row in table()] == [
        ("d1", name) for name in ("mixed", "axial", "sagittal", "coronal") * 2
    ] + [("d2", name) for name in ("axial", "sagittal", "coronal") * 2]
    assert ended.out.startswith(
        "14 series: 4 axial, 4 sagittal, 4 coronal, 0 oblique, 2 mixed, 0 unknown; 66 files read, 0 unreadable; table: "
    )
    assert ended.out.count("\n") == 1


def test_a_row_tells_what_the_headers_say(make, run, table):
    dataset = make("d1", "--tilt", 20)
    run("filter_series")
    row = table()[0]
    study = json.loads((dataset / "index.json").read_text())[0]
    assert row["subject"] == study["subjectName"]
    assert row["study"] == Path(study["path"]).name
    assert row["path"] == str(dataset / study["path"] / row["series"])
    wanted = {"modality": "MR", "description": "AX T1W", "angle": "20.0", "files": "5", "frames": "5", "rows": "32"}
    wanted |= {"columns": "24", "pixel_spacing": "7.5x7.5", "slice_thickness": "5.0", "note": "", "nifti": ""}
    assert {name: row[name] for name in wanted} == wanted


def test_only_the_wanted_orientations_are_kept(make, run, table):
    make("d1")
    ended = run("filter_series", "--orientation", "coronal", "--orientation", "axial")
    assert [row["orientation"] for row in table()] == ["axial", "coronal"] * 2
    assert "; 4 selected (coronal, axial); " in ended.out


def test_the_tolerance_decides_what_is_oblique(make, run, table):
    make("d1", "--tilt", 30)
    run("filter_series", "--tolerance", 20)
    assert {row["orientation"] for row in table()} == {"oblique"}


def test_datasets_are_those_named_else_those_of_the_list_else_all(make, run, table, monkeypatch):
    first = make("d1")
    for name in ("d2", "d3"):
        make(name)

    def datasets(*arguments):
        assert run("filter_series", *arguments).code == 0
        return sorted({row["dataset"] for row in table()})

    assert datasets() == ["d1", "d2", "d3"]
    monkeypatch.setenv("DATASETS_LIST", " d2, d3,")
    assert datasets() == ["d2", "d3"]
    assert datasets(first, "d3") == ["d1", "d3"]


def test_only_the_series_that_the_index_selects_are_read(make, run, table):
    dataset = make("d1")
    studies = json.loads((dataset / "index.json").read_text())
    studies[0]["series"] = studies[0]["series"][:1]
    (dataset / "index.json").write_text(json.dumps(studies))
    run("filter_series")
    assert len(table()) == 4


def test_series_named_by_plain_strings_as_in_older_datasets_are_read(make, run, table):
    dataset = make("d1")
    studies = json.loads((dataset / "index.json").read_text())
    for study in studies:
        study["series"] = [series["folderName"] for series in study["series"]]
    (dataset / "index.json").write_text(json.dumps(studies))
    assert run("filter_series", "--index").code == 0
    assert len(table()) == 6


def test_the_filtered_index_holds_the_selected_series_in_the_platforms_format(make, run, site):
    dataset = make("d1")
    run("filter_series", "--orientation", "sagittal", "--index")
    wanted = json.loads((dataset / "index.json").read_text())
    for study in wanted:
        study["series"] = [series for series in study["series"] if "SAG" in series["folderName"]]
    assert json.loads((site.home / DEFAULT_OUTPUT / "index" / "d1" / "index.json").read_text()) == wanted


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


@pytest.mark.parametrize("shared", [True, False])
def test_enhanced_multi_frame_images_are_named_counted_and_converted(make, run, table, site, folders, shared):
    for folder in folders(make("d1"))[:3]:
        replace_by_multi_frame(folder, shared)
    ended = run("filter_series", "--nifti")
    assert ended.code == 0, ended.err
    for row, name in zip(table(), ("axial", "sagittal", "coronal"), strict=False):
        assert (row["orientation"], row["files"], row["frames"]) == (name, "1", "5")
        assert (row["pixel_spacing"], row["slice_thickness"]) == (("7.5x7.5", "5.0") if shared else ("", ""))
        assert nibabel.load(site.home / DEFAULT_OUTPUT / row["nifti"]).shape == (24, 32, 5)


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


def test_files_that_cannot_be_read_are_counted_and_cost_nothing_else(make, run, table, folders):
    axial = folders(make("d1"))[0]
    (axial / "notes.txt").write_text("no image")
    (axial / "empty.dcm").touch()
    whole = next(axial.glob("2*.dcm")).read_bytes()
    (axial / "cut.dcm").write_bytes(whole[:300])
    ended = run("filter_series")
    assert ended.code == 0
    row = table()[0]
    assert (row["orientation"], row["files"], row["unreadable"]) == ("axial", "5", "3")
    assert "notes.txt: " in row["note"]
    assert "cut.dcm: the file ends within its header" in row["note"]
    assert "30 files read, 3 unreadable" in ended.out


def test_a_series_without_orientation_or_with_a_wrong_one_is_unknown_and_says_why(make, run, table, folders):
    first, second, third, fourth, *_ = folders(make("d1"))
    edit(first, lambda header: header.pop("ImageOrientationPatient"))
    edit(second, lambda header: setattr(header, "ImageOrientationPatient", [0, 0, 0, 0, 0, 0]))
    edit(third, lambda header: setattr(header, "ImageOrientationPatient", None))
    edit(fourth, lambda header: header.pop("Rows"))
    assert run("filter_series").code == 0
    assert [row["orientation"] for row in table()[:4]] == ["unknown"] * 4
    notes = [row["note"] for row in table()[:4]]
    assert notes[0] == notes[2] == "no ImageOrientationPatient"
    assert "holds no unit vectors" in notes[1]
    assert notes[3] == "holds objects without an image"


def test_two_series_in_one_folder_are_noted(make, run, table, folders):
    first, second, *_ = folders(make("d1"))
    shutil.copy(next(second.iterdir()), first / "stray.dcm")
    run("filter_series")
    assert (table()[0]["orientation"], table()[0]["note"]) == ("mixed", "holds 2 different series")


def test_a_series_that_is_gone_is_reported_and_ends_with_3(make, run, table, folders):
    series = folders(make("d1"))
    shutil.rmtree(series[0])
    for path in series[1].iterdir():
        path.unlink()
    ended = run("filter_series")
    assert ended.code == 3
    assert f"{series[0]}: folder cannot be read: No such file or directory" in ended.err
    assert f"{series[1]}: folder is empty" in ended.err
    assert [row["orientation"] for row in table()] == ["unknown", "unknown", "coronal", "axial", "sagittal", "coronal"]


def test_links_that_lead_nowhere_raise_the_question_of_the_datalake(make, run, site):
    make("d1")
    site.datalake.rename(site.home / "elsewhere")
    ended = run("filter_series")
    assert ended.code == 3
    assert "not one series could be read: is the datalake mounted?" in ended.err


def test_a_series_that_makes_no_volume_is_reported_and_ends_with_3(make, run, table, folders):
    gap = sorted(folders(make("d1", slices=8))[0].iterdir(), key=lambda path: dcmread(path).SliceLocation)
    gap[3].unlink()
    ended = run("filter_series", "--nifti")
    assert ended.code == 3
    assert table()[0]["nifti"] == ""
    assert "not converted: " in table()[0]["note"]
    assert table()[0]["note"] in ended.err
    assert sum(bool(row["nifti"]) for row in table()) == 5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "Expecting property name"),
        ("{}", "a list of studies is expected, this is a dict"),
        ('[{"subjectName": "S"}]', "study 0: 'path' is missing"),
        ('[{"path": 7, "subjectName": "S", "series": ["a"]}]', "study 0: "),
        ('["S"]', "study 0: "),
        ('[{"path": "../../etc", "subjectName": "S", "series": ["a"]}]', "'../../etc' leads out of the dataset"),
        ('[{"path": "S", "subjectName": "S", "series": [{"folderName": "/etc"}]}]', "'/etc' leads out of the dataset"),
    ],
)
def test_an_index_that_is_not_usable_is_named_and_the_other_datasets_are_done(make, run, table, content, message):
    broken = make("d1") / "index.json"
    alone = run_with(broken, content, run)
    assert alone.code == 2
    assert f"{broken}: " in alone.err
    assert message in alone.err
    make("d2")
    both = run("filter_series")
    assert both.code == 3
    assert message in both.err
    assert {row["dataset"] for row in table()} == {"d2"}


def run_with(path, content, run):
    path.write_text(content)
    return run("filter_series")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no dataset in "),
        (["d9"], "no dataset 'd9': neither "),
        (["--orientation", "diagonal"], "invalid choice: 'diagonal'"),
        (["--tolerance", "80"], "'80': a number of degrees from 0 to 55 is needed"),
        (["--tolerance", "wide"], "'wide': a number of degrees"),
    ],
)
def test_wrong_arguments_are_named_and_nothing_is_written(run, site, arguments, message):
    ended = run("filter_series", *arguments)
    assert ended.code == 2
    assert message in ended.err
    assert not (site.home / DEFAULT_OUTPUT).exists()


def test_an_output_that_cannot_be_written_is_named(make, run, tmp_path):
    make("d1")
    (tmp_path / "file").touch()
    ended = run("filter_series", "--output", tmp_path / "file")
    assert ended.code == 2
    assert str(tmp_path / "file") in ended.err


def test_a_table_of_before_stays_when_writing_fails(make, run, site, monkeypatch):
    make("d1")
    run("filter_series")
    before = (site.home / DEFAULT_OUTPUT / "series.csv").read_bytes()
    make("d2")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("results.asdict", fail)
    assert run("filter_series").code == 2
    assert (site.home / DEFAULT_OUTPUT / "series.csv").read_bytes() == before
    assert [path.name for path in (site.home / DEFAULT_OUTPUT).iterdir()] == ["series.csv"]


def test_pixels_are_never_read(make, run, folders, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    path = next(folders(make("d1"))[0].iterdir())
    image = dcmread(path)
    image.file_meta.TransferSyntaxUID = RLELossless
    image.PixelData = encapsulate([bytes(30_000_000)])
    image["PixelData"].is_undefined_length = True
    image.save_as(path)
    before = bytes_read()
    assert run("filter_series").code == 0
    assert bytes_read() - before < 5_000_000


def bytes_read():
    counters = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(counters["rchar"])


def test_one_process_and_several_give_the_same_table(make, run, table, monkeypatch):
    make("d1", "--localizer")
    tables = []
    for cores in ("1", "2"):
        monkeypatch.setenv("OMP_NUM_THREADS", cores)
        run("filter_series")
        tables.append(table())
    assert tables[0] == tables[1]


@pytest.mark.parametrize(("limit", "cores"), [("1", 1), ("", 4), ("9", 4), ("2", 2), ("0", 4), ("many", 4)])
def test_the_flavors_cores_bound_the_processes(monkeypatch, limit, cores):
    monkeypatch.setattr(workers.os, "sched_getaffinity", lambda _: set(range(4)))
    assert workers.core_count(limit) == cores


def test_a_killed_worker_ends_the_run_with_advice(make, run, monkeypatch):
    make("d1")
    monkeypatch.setattr(filter_series, "read_series", kill_me)
    ended = run("filter_series")
    assert ended.code == 2
    assert "a worker process was killed, most likely for want of memory" in ended.err


def kill_me(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def test_progress_is_told_on_stderr_at_most_once_a_second(monkeypatch, capsys):
    clock = iter([0.0, *(index * 0.3 for index in range(1, 100))])
    monkeypatch.setattr(filter_series.time, "monotonic", lambda: next(clock))
    rows = [filter_series.SeriesRow(*[""] * 8, 2, 2, 0, *[""] * 6) for _ in range(10)]
    assert list(filter_series.watched("read", 10, rows)) == rows
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["read 4 of 10 series, 8 files", "read 8 of 10 series, 16 files"]


BUSY_PROGRAM = """
import sys, time
sys.path.insert(0, sys.argv.pop(1))
busy = open(sys.argv.pop(1), "w")
import filter_series

def read_forever(ref, tolerance):
    busy.write("x")
    busy.flush()
    time.sleep(600)

filter_series.read_series = read_forever
sys.exit(filter_series.main())
"""


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_run_ends_with_the_signals_code_and_leaves_nothing(make, site, python, tmp_path, sent, code):
    make("d1")
    busy = tmp_path / "busy"
    command = [python, "-c", BUSY_PROGRAM, PROGRAM.parent, busy]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
    while not (busy.exists() and busy.stat().st_size == 2):
        assert process.poll() is None
    os.killpg(process.pid, sent)
    process.communicate(timeout=60)
    assert process.returncode == code
    assert list((site.home / DEFAULT_OUTPUT).iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
