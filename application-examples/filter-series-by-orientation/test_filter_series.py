"""The example, on real datasets made by the generator: what it selects, writes, refuses and tells."""

from __future__ import annotations

import json

import pytest

import filter_series


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


def test_the_filtered_index_holds_the_selected_series_in_the_platforms_format(make, run, output):
    dataset = make("d1")
    run("filter_series", "--orientation", "sagittal", "--index")
    wanted = json.loads((dataset / "index.json").read_text())
    for study in wanted:
        study["series"] = [series for series in study["series"] if "SAG" in series["folderName"]]
    assert json.loads((output / "index" / "d1" / "index.json").read_text()) == wanted


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
def test_wrong_arguments_are_named_and_nothing_is_written(run, arguments, message, output):
    ended = run("filter_series", *arguments)
    assert ended.code == 2
    assert message in ended.err
    assert not output.exists()


def test_an_output_that_cannot_be_written_is_named(make, run, tmp_path):
    make("d1")
    (tmp_path / "file").touch()
    ended = run("filter_series", "--output", tmp_path / "file")
    assert ended.code == 2
    assert str(tmp_path / "file") in ended.err


def test_a_table_of_before_stays_when_writing_fails(make, run, monkeypatch, output):
    make("d1")
    run("filter_series")
    before = (output / "series.csv").read_bytes()
    make("d2")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("results.asdict", fail)
    assert run("filter_series").code == 2
    assert (output / "series.csv").read_bytes() == before
    assert [path.name for path in output.iterdir()] == ["series.csv"]


def test_progress_is_told_on_stderr_at_most_once_a_second(monkeypatch, capsys):
    clock = iter([0.0, *(index * 0.3 for index in range(1, 100))])
    monkeypatch.setattr(filter_series.time, "monotonic", lambda: next(clock))
    rows = [filter_series.SeriesRow(*[""] * 8, 2, 2, 0, *[""] * 6) for _ in range(10)]
    assert list(filter_series.watched("read", 10, rows)) == rows
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["read 4 of 10 series, 8 files", "read 8 of 10 series, 16 files"]
