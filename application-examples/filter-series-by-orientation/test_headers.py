"""What is said of a series, whatever its files are."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import RLELossless


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


def edit(folder, change):
    for path in folder.glob("*.dcm"):
        header = dcmread(path)
        change(header)
        header.save_as(path)


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


def test_pixels_are_never_read(make, run, folders):
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
