"""Data cuts hold no participant; what moved between two of them, and why, is never guessed."""

import json
from dataclasses import asdict, replace
from math import log

import pytest
from scipy.stats import norm

from analysis.errors import ResultError
from analysis.results import compute as building
from analysis.results.build import build
from analysis.results.changes import compare
from analysis.results.changes_words import difference_text, flip_text, overview
from analysis.results.cut import Cut, CutEstimate, CutTrial, make_cut
from analysis.results.cut_conclusions import share_of_information, side, size
from analysis.results.release import (
    read_release,
    release,
    releases,
    since_last_release,
)
from analysis.results.review import find_review
from analysis.wording import changes_markdown, flips_sentence

CLOSE = 1e-12  # one arithmetic expression against the same one

EFFECT = CutEstimate(
    label="Pain, short term, against any control", kind="overall", measure="MD", decimals=1,
    estimate=-10.0, ci_low=-14.0, ci_high=-6.0, level=0.95, se=2.0, trials=3, participants=90,
    tau2=4.0, worthwhile=8.0, benefit="lower", method="m", given=("alpha", "beta"),
)  # fmt: skip
METHOD = {"code": {"models": "1"}, "protocol": {"outcomes": "1"}, "versions": {"numpy": "2"}}
CUT = Cut(
    name="first", made="2026-01-02T03:04:05+00:00", title="Review", python="3.11", versions={},
    commit="", seed=1, files={"data/extra.csv": "f"}, methods={"m": METHOD},
    trials={name: CutTrial(name.title(), 30, "d", "y") for name in ("alpha", "beta", "gamma")},
    estimates={"overall-pain": EFFECT},
)  # fmt: skip
NEWER = {**METHOD, "code": {"models": "2"}}


def moved(**changes):
    """A later cut whose estimate moved, with other parts changed as well."""
    effect = replace(EFFECT, estimate=-9.0, ci_low=-13.0, ci_high=-5.0, **changes.pop("effect", {}))
    return replace(CUT, name="now", estimates={"overall-pain": effect}, **changes)


def with_trial(name, **changes):
    trials = dict(CUT.trials)
    trials[name] = replace(trials.get(name, CUT.trials["alpha"]), **changes)
    return trials


@pytest.mark.parametrize(
    ("later", "cause"),
    [
        (replace(CUT, name="now"), "none"),
        (replace(CUT, name="now", methods={"m": NEWER}), "none"),
        (replace(CUT, name="now", trials=with_trial("beta", data="e")), "none"),
        (moved(trials=with_trial("beta", data="e")), "data"),
        (moved(trials=with_trial("beta", mapping="z")), "data"),
        (moved(trials=with_trial("delta"), effect={"given": ("alpha", "beta", "delta")}), "data"),
        (moved(methods={"m": NEWER}), "method"),
        # a trial that was there before and now enters because of the protocol is no new evidence
        (moved(methods={"m": NEWER}, effect={"given": ("alpha", "beta", "gamma")}), "method"),
        # data of a trial that does not enter the estimate did not move it
        (moved(methods={"m": NEWER}, trials=with_trial("gamma", data="e")), "method"),
        (moved(methods={"m": NEWER}, trials=with_trial("beta", data="e")), "both"),
        (moved(files={"data/extra.csv": "g"}, effect={"files": True}), "data"),
        (moved(files={"data/extra.csv": "g"}), "unexplained"),
        (moved(), "unexplained"),
        (replace(CUT, name="now", estimates={}), "method"),
    ],
)
def test_what_moved_an_estimate(later, cause):
    (change,) = compare(CUT, later).estimates
    assert change.cause == cause


@pytest.mark.parametrize(("worthwhile", "cause"), [(5.0, "method"), (9.0, "none")])
def test_a_conclusion_that_flips_by_the_plan_alone_has_its_cause(worthwhile, cause):
    effect = replace(EFFECT, worthwhile=worthwhile)
    later = replace(CUT, name="now", estimates={"overall-pain": effect}, methods={"m": NEWER})
    (change,) = compare(CUT, later).estimates
    assert change.cause == cause
    assert bool(change.flips) == (cause == "method")
    for flip in change.flips:
        assert "because of method alone, not of evidence" in flip_text(change, flip)


def test_the_code_of_estimates_alone_is_named():
    found = compare(CUT, moved(methods={"m": {**NEWER, "versions": {"numpy": "3"}}}))
    assert found.methods == ("code of analysis/models", "version of numpy")
    assert "code of analysis/models and version of numpy" in overview(found)


@pytest.mark.parametrize(
    ("limits", "benefit", "sides"),
    [
        ((-14.0, -8.0), "lower", ("benefit", "worthwhile")),
        ((-14.0, -7.9), "lower", ("benefit", "undecided")),
        ((-7.9, -1.0), "lower", ("benefit", "too small")),
        ((-7.9, 1.0), "lower", ("unclear", "too small")),
        ((0.5, 9.0), "lower", ("harm", "too small")),
        ((0.5, 9.0), "higher", ("benefit", "undecided")),
        ((None, None), "lower", ("no estimate", "no size")),
    ],
)
def test_conclusions_of_a_difference(limits, benefit, sides):
    found = replace(EFFECT, ci_low=limits[0], ci_high=limits[1], benefit=benefit)
    assert (side(found), size(found)) == sides


@pytest.mark.parametrize(
    ("limits", "benefit", "sides"),
    [
        ((2.0, 4.0), "higher", ("benefit", "worthwhile")),
        ((1.1, 1.9), "higher", ("benefit", "too small")),
        ((0.3, 0.5), "lower", ("benefit", "worthwhile")),
        ((0.5, 1.2), "lower", ("unclear", "undecided")),
        ((1.2, 1.9), "lower", ("harm", "too small")),
    ],
)
def test_conclusions_of_a_ratio(limits, benefit, sides):
    low, high = limits
    found = replace(EFFECT, measure="OR", worthwhile=2.0, ci_low=low, ci_high=high, benefit=benefit)
    assert (side(found), size(found)) == sides


def test_flips_come_first_with_their_cause():
    steady = replace(EFFECT, label="Function")
    flipped = replace(EFFECT, estimate=-3.0, ci_low=-7.0, ci_high=1.0)
    old = replace(CUT, estimates={"a": steady, "b": EFFECT})
    new = replace(CUT, name="now", estimates={"a": steady, "b": flipped}, methods={"m": NEWER})
    found = compare(old, new)
    assert [each.name for each in found.estimates] == ["b", "a"]
    (first,) = found.flipped
    assert [(f.against, f.before, f.after) for f in first.flips] == [
        ("no effect", "benefit", "unclear"),
        ("worthwhile effect", "undecided", "too small"),
    ]
    text = flip_text(first, first.flips[0])
    assert "of method alone, not of evidence" in text
    assert "from −10.0 (−14.0 to −6.0) to −3.0 (−7.0 to 1.0)" in text
    assert changes_markdown(found).index("Conclusions that flipped") < 500


def test_differences_in_print():
    (change,) = compare(CUT, moved()).estimates
    assert change.difference == pytest.approx(1.0, abs=CLOSE)
    assert difference_text(change) == "+1.0"
    ratio = replace(EFFECT, measure="OR", estimate=1.5)
    old = replace(CUT, estimates={"x": ratio})
    new = replace(CUT, estimates={"x": replace(ratio, estimate=3.0)})
    (change,) = compare(old, new).estimates
    assert difference_text(change) == "×2.00"


def test_information_that_would_settle_the_worthwhile_effect_is_one():
    needed = norm.ppf(0.975) + norm.ppf(0.9)
    settled = replace(EFFECT, se=EFFECT.worthwhile / needed)
    assert share_of_information(settled) == pytest.approx(1, abs=CLOSE)
    ratio = replace(EFFECT, measure="OR", worthwhile=2.0, se=log(2) / needed / 2)
    assert share_of_information(ratio) == pytest.approx(4, abs=10 * CLOSE)
    assert share_of_information(replace(EFFECT, worthwhile=None)) is None


@pytest.fixture
def built(small_review, monkeypatch):
    monkeypatch.setattr(building, "WORTH_WORKERS", 99)
    build(find_review(small_review))
    return small_review


def test_a_release_holds_aggregates_only(built):
    folder = release(find_review(built), "2026-11")
    text = (folder / "cut.json").read_text()
    assert [path.name for path in folder.iterdir()] == ["cut.json"]
    cut = read_release(built, "2026-11")
    assert {trial: each.participants for trial, each in cut.trials.items()} == {
        "alpha": 30, "beta": 30, "gamma": 30,
    }  # fmt: skip
    assert cut.estimates.keys() == {"overall-pain-short-any", "interactions-pain-short-any-age"}
    effect = find_review(built).overall("pain", "short", "any").effect
    assert cut.estimates["overall-pain-short-any"].estimate == effect.estimate
    raw = (built / "data/trials/alpha/alpha.csv").read_text().splitlines()[1:]
    assert not any(line in text for line in raw)
    assert len(text) < 20_000
    again = make_cut(find_review(built), name="2026-11", made=None)
    assert compare(cut, again).nothing


def test_small_counts_are_withheld(built):
    protocol = built / "data/protocol.yml"
    protocol.write_text(protocol.read_text() + "minimum_cell: 31\n")
    cut = make_cut(find_review(built))
    assert {each.participants for each in cut.trials.values()} == {None}
    assert cut.estimates["overall-pain-short-any"].participants == 90


@pytest.mark.parametrize("name", ["", "now", "a b", "../out", ".hidden", "a/b", "x" * 65])
def test_a_bad_name_is_refused(built, name):
    with pytest.raises(ResultError, match=r"cannot be the name.*For example"):
        release(find_review(built), name)
    assert not (built / "data/releases").exists()


def test_a_name_that_is_taken_and_stale_results_are_refused(built):
    path = release(find_review(built), "one") / "cut.json"
    before = path.read_bytes()
    with pytest.raises(ResultError, match=r"there already.*choose another name"):
        release(find_review(built), "one")
    data = built / "data/trials/beta/beta.csv"
    data.write_text(data.read_text().replace("0,1,", "0,2,", 1))
    with pytest.raises(ResultError, match=r"not current.*trial beta changed.*ipdbook build"):
        release(find_review(built), "two")
    assert path.read_bytes() == before
    assert releases(built) == ("one",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"name": "one"', '"name": "two"', "never renamed"),
        ('"seed": ', '"seed": "x', "damaged"),
        ('"participants": 30', '"participants": "many"', "damaged"),
    ],
)
def test_a_release_that_was_changed_by_hand_is_refused(built, old, new, message):
    path = release(find_review(built), "one") / "cut.json"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ResultError, match=message):
        releases(built)


def test_what_changed_since_the_last_release(built):
    assert since_last_release(find_review(built)) is None
    release(find_review(built), "one")
    data = built / "data/trials/beta/beta.csv"
    data.write_text(data.read_text().replace("0,1,", "0,2,", 1))
    protocol = built / "data/protocol.yml"
    protocol.write_text(protocol.read_text().replace("per: year", "per: years"))
    build(find_review(built))
    found = since_last_release(find_review(built))
    assert [(each.label, each.what) for each in found.trial_changes] == [("Beta 2001", "data")]
    assert found.methods == ("protocol: modifiers",)
    assert {each.cause for each in found.estimates} == {"both"}
    assert "Data changed: Beta 2001." in overview(found)
    assert "protocol: modifiers" in overview(found)
    assert flips_sentence(found) == ""
    with pytest.raises(ResultError, match=r"no release 'two'. There are: one"):
        read_release(built, "two")


def test_a_change_report_is_json(built):
    release(find_review(built), "one")
    found = compare(read_release(built, "one"), make_cut(find_review(built)))
    assert json.loads(json.dumps(asdict(found)))["estimates"][0]["cause"] == "none"
