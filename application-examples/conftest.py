"""Shared by the tests of the examples: real datasets made by the generator, and programs run as a user runs them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Run:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """Runs `main` of a program with arguments, in this process."""

    def command(program: str, *arguments: object) -> Run:
        capsys.readouterr()
        try:
            code = importlib.import_module(program).main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        return Run(code, said.out, said.err)

    return command


@dataclass(frozen=True)
class Site:
    """A user's home with datasets, and the datalake their links lead to."""

    home: Path
    datalake: Path

    @property
    def datasets(self) -> Path:
        return self.home / "datasets"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATASETS_LIST", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return Site(tmp_path / "home", tmp_path / "lake")


@pytest.fixture
def make(site: Site, run: Callable[..., Run]) -> Callable[..., Path]:
    """Makes a small dataset whose links resolve here; returns its folder."""

    def command(dataset: str, *options: object, slices: int = 5) -> Path:
        small = ("--subjects", 2, "--slices", slices, "--rows", 32, "--columns", 24)
        places = ("--datasets", site.datasets, "--datalake", site.datalake, "--link-root", site.datalake)
        ended = run("make_dataset", dataset, *places, *small, *options)
        assert ended.code == 0, ended.err
        return site.datasets / dataset

    return command


@pytest.fixture(scope="session")
def python() -> str:
    return sys.executable
