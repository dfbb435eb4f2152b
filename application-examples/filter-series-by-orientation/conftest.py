"""What the tests of the example look at: the table, its folder, the series of a dataset."""

from __future__ import annotations

import csv
import json

import pytest


@pytest.fixture
def output(site):
    """Where results are written unless another place is asked for."""
    return site.home / "persistent-home/results/filter-series-by-orientation"


@pytest.fixture
def table(output):
    """Reads the rows of a table, by default at its default place."""

    def read(folder=output):
        with (folder / "series.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture
def folders():
    """Folders of all series of a dataset, in the order of its index."""

    def read(dataset):
        studies = json.loads((dataset / "index.json").read_text())
        return [dataset / study["path"] / series["folderName"] for study in studies for series in study["series"]]

    return read
