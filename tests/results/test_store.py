import json

import pytest
from pydantic import TypeAdapter

from analysis.code import code_fingerprints
from analysis.errors import ResultError
from analysis.files import write_atomically
from analysis.results.estimates import ExclusionCount
from analysis.results.store import Store

KIND = TypeAdapter(tuple[ExclusionCount, ...])
VALUE = (ExclusionCount("kool2007", "Kool 2007", "pain", "short", "score missing", 12),)
INPUTS = {
    "trials": {"kool2007": "a", "long2004": "b"},
    "protocol": {"outcomes": "c"},
    "code": {"models": "d"},
    "versions": {"numpy": "2.0"},
}


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path)
    store.save("exclusions", INPUTS, VALUE, KIND)
    return store


def test_a_result_comes_back_as_it_was(store):
    assert store.load("exclusions", KIND) == VALUE
    assert store.staleness("exclusions", INPUTS).current


@pytest.mark.parametrize(
    ("section", "change", "reason"),
    [
        ("trials", {"kool2007": "x"}, "data or mapping of trial kool2007 changed"),
        ("trials", {"smeets2006": "x"}, "data or mapping of trial smeets2006 is new"),
        ("protocol", {"outcomes": "x"}, "protocol: outcomes changed"),
        ("code", {"models": "x"}, "code of analysis/models changed"),
        ("versions", {"numpy": "3.0"}, "version of numpy changed"),
    ],
)
def test_a_change_of_any_input_is_the_reason(store, section, change, reason):
    changed = {**INPUTS, section: {**INPUTS[section], **change}}
    assert store.staleness("exclusions", changed).reasons == (reason,)


def test_a_trial_that_is_gone_is_a_reason(store):
    changed = {**INPUTS, "trials": {"kool2007": "a"}}
    assert store.staleness("exclusions", changed).reasons == (
        "data or mapping of trial long2004 is gone",
    )


def test_half_a_file_is_never_taken_for_a_result(store):
    path = store.path("exclusions")
    path.write_text(path.read_text()[:40])
    assert not store.staleness("exclusions", INPUTS).current
    with pytest.raises(ResultError, match="ipdbook build"):
        store.load("exclusions", KIND)


def test_a_damaged_value_is_an_error(store):
    path = store.path("exclusions")
    content = json.loads(path.read_text())
    content["value"][0]["participants"] = "many"
    path.write_text(json.dumps(content))
    with pytest.raises(ResultError, match="damaged"):
        store.load("exclusions", KIND)


def test_a_failing_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "result.json"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["result.json"]


def test_code_fingerprints_tell_rooms_apart():
    found = code_fingerprints(("models", "protocol"))
    assert set(found) == {"models", "protocol"}
    assert found["models"] != found["protocol"]
