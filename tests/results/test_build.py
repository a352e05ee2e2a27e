"""A build computes what is stale, says why, and goes on where it was stopped."""

import json
import os

import pytest

from analysis.errors import ResultError, StorageError
from analysis.problems import ProblemsError
from analysis.results import compute as building
from analysis.results import plan
from analysis.results.build import build
from analysis.results.review import find_review, open_review

NAMES = {
    "trials", "participants", "exclusions", "published", "integrity",
    "overall-pain-short-any", "interactions-pain-short-any", "subgroups-pain-short",
}  # fmt: skip
DESCRIBED = {"trials", "participants", "exclusions", "published", "integrity"}
PROTOCOL = "data/protocol.yml"


@pytest.fixture(autouse=True)
def _one_process(monkeypatch):
    """Compute in this process, faster than workers start, with the code as it is now."""
    monkeypatch.setattr(building, "WORTH_WORKERS", len(NAMES) + 1)


@pytest.fixture
def built(small_review):
    build(find_review(small_review))
    return small_review


def edit(project, file, old, new):
    path = project / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def reasons(project):
    """Reason → results, of everything that is stale."""
    stale = {}
    for result in find_review(project).staleness():
        for reason in result.reasons:
            stale.setdefault(reason, set()).add(result.name)
    return stale


def test_a_second_build_does_nothing(built):
    again = build(find_review(built))
    assert again.nothing_done
    assert set(again.kept) == NAMES
    assert reasons(built) == {}


def test_several_workers_give_the_same_files(built, monkeypatch):
    files = sorted((built / "_build/results").iterdir())
    before = [path.read_bytes() for path in files]
    for path in files:
        path.unlink()
    monkeypatch.setattr(building, "WORTH_WORKERS", 2)
    assert set(build(find_review(built)).computed) == NAMES
    assert [path.read_bytes() for path in files] == before


def test_a_killed_worker_is_told_and_leaves_nothing_of_its_own(small_review, monkeypatch):
    monkeypatch.setattr(building, "WORTH_WORKERS", 2)
    monkeypatch.setattr(building, "_compute_at", lambda _path, _named: os.kill(os.getpid(), 9))
    with pytest.raises(ResultError, match="ended from outside"):
        build(find_review(small_review))
    assert not list((small_review / "_build").glob(".unfinished-*"))


def test_everything_is_new_at_first(small_review):
    assert reasons(small_review) == {"it was never computed": NAMES}


@pytest.mark.parametrize(
    ("change", "reason", "concerned"),
    [
        (("data/trials/beta/beta.csv", "0,1,", "0,2,"),
         "data or mapping of trial beta changed", NAMES),
        (("data/trials/alpha/trial.yml", "Clinic", "Hospital"),
         "data or mapping of trial alpha changed", DESCRIBED),
        ((PROTOCOL, "window: [6, 18]", "window: [6, 20]"), "protocol: follow_ups changed", NAMES),
        ((PROTOCOL, "per: year", "per: years"), "protocol: modifiers changed", NAMES),
    ],
)  # fmt: skip
def test_what_can_change_a_number_makes_it_stale(built, change, reason, concerned):
    edit(built, *change)
    assert reasons(built) == {reason: concerned}
    stale = rf"{len(concerned)} results are not current.*ipdbook build"
    with pytest.raises(ResultError, match=stale):
        open_review(built)
    assert set(build(find_review(built)).computed) == concerned
    assert open_review(built).overall("pain", "short", "any").effect.estimate is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [("title: Small review", "title: Another title"), ("registration: none", "registration: X1")],
)
def test_what_cannot_change_a_number_leaves_it_current(built, old, new):
    edit(built, PROTOCOL, old, new)
    assert reasons(built) == {}
    assert open_review(built).protocol.title


def test_a_trial_more_and_a_trial_less(built):
    folder = built / "data/trials"
    (folder / "gamma").rename(folder / "delta")
    assert reasons(built) == {
        "data or mapping of trial delta is new": NAMES,
        "data or mapping of trial gamma is gone": NAMES,
    }


def test_code_of_the_models_does_not_concern_descriptions(built, monkeypatch):
    real = plan.code_behind
    monkeypatch.setattr(
        plan,
        "code_behind",
        lambda module: {**real(module), **dict.fromkeys({"models"} & real(module).keys(), "x")},
    )
    assert reasons(built) == {
        "code of analysis/models changed": {name for name in NAMES if "pain" in name}
    }


@pytest.mark.parametrize("stopped_at", ["overall", "interactions"])
def test_an_interrupted_build_goes_on_where_it_stopped(small_review, monkeypatch, stopped_at):
    def stop(*_args, **_keys):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setitem(building.COMPUTE, stopped_at, stop)
        with pytest.raises(KeyboardInterrupt):
            build(find_review(small_review))
    kept = {result.name for result in find_review(small_review).staleness() if result.current}
    assert kept
    assert not any(name.startswith(stopped_at) for name in kept)
    assert set(build(find_review(small_review)).kept) == kept
    assert reasons(small_review) == {}


@pytest.mark.parametrize("left", [None, "{", "an older one"])
def test_a_manifest_lost_by_an_interruption_is_written_again(built, left):
    path = built / "_build/manifest.json"
    whole = json.loads(path.read_text())
    path.unlink()
    if left:
        path.write_text(left if left == "{" else json.dumps({**whole, "trials": {}}))
    build(find_review(built))
    assert json.loads(path.read_text()) == whole
    assert set(whole["trials"]) == {"alpha", "beta", "gamma"}
    assert whole["participants"] == {"alpha": 30, "beta": 30, "gamma": 30}


def test_a_review_with_problems_keeps_its_results(built):
    edit(built, "data/trials/beta/trial.yml", "column: age", "column: agee")
    before = {path: path.read_bytes() for path in (built / "_build/results").iterdir()}
    with pytest.raises(ProblemsError) as caught:
        build(find_review(built))
    assert any("agee" in str(problem) for problem in caught.value.problems)
    assert {path: path.read_bytes() for path in (built / "_build/results").iterdir()} == before


def test_a_result_that_the_protocol_does_not_ask_for(built):
    with pytest.raises(ResultError, match="overall-pain-short-any"):
        open_review(built).overall("pain", "long", "any")


def test_what_could_not_be_handed_over_leaves_nothing(small_review, monkeypatch):
    monkeypatch.setattr(building, "WORTH_WORKERS", 2)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(building.pickle, "dumps", full)
    with pytest.raises(StorageError, match="the disk is full"):
        list(building.computed(*_ready(small_review)))
    assert not list((small_review / "_build").glob(".unfinished-*"))


def _ready(project):
    review = find_review(project)
    (project / "_build").mkdir(exist_ok=True)
    return review, building.master_of(review, review.fingerprints), review.named()
