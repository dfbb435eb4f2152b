"""A dataset is whole or not there; what others made stays; a stopped or killed run leaves no trouble."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
from pathlib import Path

import pytest

import publish

PROGRAM = Path(__file__).with_name("make_dataset.py")


def test_the_same_seed_gives_the_same_bytes_and_another_seed_gives_others(make, site):
    first = contents(make("d1", "--seed", 7), site.datalake / "d1")
    again = contents(make("d1", "--seed", 7, "--force"), site.datalake / "d1")
    other = contents(make("d1", "--seed", 8, "--force"), site.datalake / "d1")
    assert first == again
    assert not set(first.values()) & {value for path, value in other.items() if path.endswith(".dcm")}


def test_everyone_may_read_what_was_made(make, site):
    make("d1")
    for path in [site.datasets / "d1", *site.datalake.rglob("*"), *(site.datasets / "d1").glob("*")]:
        mode = path.stat().st_mode
        assert mode & (stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)), path


def test_an_existing_dataset_is_kept_unless_force_is_given(make, run, site):
    before = contents(make("d1"))
    places = ("--datasets", site.datasets, "--datalake", site.datalake)
    refused = run("make_dataset", "d1", *places, "--subjects", 1)
    assert refused.code == 2
    assert f"{site.datasets / 'd1'} exists: choose another id, or replace it with --force" in refused.err
    assert contents(site.datasets / "d1") == before
    assert run("make_dataset", "d1", *places, "--subjects", 1, "--slices", 1, "--force").code == 0
    assert len(json.loads((site.datasets / "d1" / "index.json").read_text())) == 1


@pytest.mark.parametrize("place", ["datasets", "datalake"])
def test_what_another_program_made_is_never_replaced_even_with_force(run, site, place):
    kept = getattr(site, place) / "d1" / "precious.txt"
    kept.parent.mkdir(parents=True)
    kept.write_text("data")
    ended = run("make_dataset", "d1", "--datasets", site.datasets, "--datalake", site.datalake, "--force")
    assert ended.code == 2
    assert "was not made by this program" in ended.err
    assert kept.read_text() == "data"


def test_images_left_by_a_killed_run_are_replaced(make, site):
    shutil.rmtree(make("d1"))
    assert (site.datalake / "d1").is_dir()
    assert (make("d1") / "index.json").is_file()


def test_a_failure_leaves_nothing_behind(site, monkeypatch):
    import make_dataset

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(make_dataset, "write_platform_files", fail)
    places = ["--datasets", str(site.datasets), "--datalake", str(site.datalake)]
    assert make_dataset.main(["d1", *places, "--subjects", "1", "--slices", "1"]) == 2
    assert list(site.datasets.iterdir()) == list(site.datalake.iterdir()) == []


def test_a_killed_run_leaves_no_dataset_and_the_next_run_clears_its_remains(site, python, make):
    site.datalake.mkdir()
    arguments = ("big", "--datasets", site.datasets, "--datalake", site.datalake, "--subjects", "200")
    process = subprocess.Popen([python, PROGRAM, *map(str, arguments)], stderr=subprocess.PIPE)
    while not list(site.datalake.glob(".big.partial-*/*/*/*/*.dcm")):
        assert process.poll() is None
    process.kill()
    process.communicate()
    assert not (site.datasets / "big").exists()
    assert list(site.datalake.glob(".big.partial-*"))
    make("big")
    assert {path.name for path in site.datalake.iterdir()} == {"big"}
    assert {path.name for path in site.datasets.iterdir()} == {"big"}


def test_a_stopped_run_cleans_up_and_ends_with_143(site, python):
    site.datalake.mkdir()
    arguments = ("big", "--datasets", site.datasets, "--datalake", site.datalake, "--subjects", "200")
    process = subprocess.Popen([python, PROGRAM, *map(str, arguments)], stderr=subprocess.PIPE)
    while not list(site.datalake.glob(".big.partial-*/*/*/*/*.dcm")):
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 143
    assert list(site.datalake.iterdir()) == []


def test_a_run_never_clears_the_work_of_another_that_still_runs(site, make):
    make("other")
    with publish.stage_folder(site.datalake, "d1") as working:
        (working / "image.dcm").touch()
        make("d1")
        assert (working / "image.dcm").exists()


def test_too_little_disk_is_told_before_anything_is_written(run, site, monkeypatch):
    monkeypatch.setattr(publish.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 5 * 10**6))
    ended = run("make_dataset", "d1", "--datasets", site.datasets, "--datalake", site.datalake, "--subjects", 50)
    assert ended.code == 2
    assert "has 5 MB free, the dataset needs 116 MB" in ended.err
    assert list(site.datalake.iterdir()) == []


def test_a_place_that_is_a_file_is_named(run, site, tmp_path):
    (tmp_path / "file").touch()
    ended = run("make_dataset", "d1", "--datasets", tmp_path / "file", "--datalake", site.datalake)
    assert ended.code == 2
    assert f"{tmp_path / 'file'} is a file, a folder is needed" in ended.err


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_place_without_write_permission_is_named(run, site):
    site.datalake.mkdir(mode=0o555)
    ended = run("make_dataset", "d1", "--datasets", site.datasets, "--datalake", site.datalake)
    assert ended.code == 2
    assert f"{site.datalake} cannot be written by this user" in ended.err


def contents(*folders):
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
