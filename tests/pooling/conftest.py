"""Data of metafor's datasets, as stored with the reference values."""

import json
from pathlib import Path

import pytest

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="session")
def metafor_data():
    """Datasets by name: inputs and effects of tests/reference/pooling_grid.R."""
    return json.loads((REFERENCE / "pooling_grid.json").read_text(encoding="utf-8"))["data"]


@pytest.fixture(scope="session")
def metafor_designs():
    """Effects and moderators by name: tests/reference/pooling_models.R."""
    return json.loads((REFERENCE / "pooling_models.json").read_text(encoding="utf-8"))["designs"]


@pytest.fixture(scope="session")
def metafor_clusters():
    """Effects nested in trials by name: tests/reference/pooling_multilevel.R."""
    return json.loads((REFERENCE / "pooling_multilevel.json").read_text(encoding="utf-8"))["data"]


@pytest.fixture(scope="session")
def metafor_counts():
    """Events of one or two arms by name: tests/reference/pooling_effects.R."""
    return json.loads((REFERENCE / "pooling_effects.json").read_text(encoding="utf-8"))["counts"]
