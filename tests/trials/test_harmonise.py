"""From files to the common format: worked by hand on the small review."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.protocol import FollowUp
from analysis.trials.long_outcomes import CHANGE_MISSING, NOT_MEASURED, SCORE_MISSING
from analysis.trials.master import build_master
from analysis.trials.scales import closest, rescale

TOLERANCE = 1e-12  # one linear map in double precision


def scores(master, outcome, follow_up="short"):
    rows = master.outcomes
    rows = rows[(rows["outcome"] == outcome) & (rows["follow_up"] == follow_up)]
    return dict(zip(rows["participant"], rows["value"], strict=True))


def column(master, name):
    return dict(zip(master.participants["participant"], master.participants[name], strict=True))


def reasons(master, participant):
    rows = master.exclusions[master.exclusions["participant"] == participant]
    return set(rows[["outcome", "follow_up", "reason"]].itertuples(index=False, name=None))


@pytest.fixture
def master(write):
    return build_master(write())


def test_participants(master):
    people = master.participants
    assert people["participant"].tolist() == ["101", "102", "103", "104", "105", "106"]
    assert people["category"].tolist() == ["exercise"] * 3 + ["waiting"] * 3
    assert people["treat"].tolist() == [1, 1, 1, 0, 0, 0]
    assert set(people["cluster"]) == {"alpha"}
    assert set(people["cluster_label"]) == {"Alpha 2001"}
    assert people["sex"].cat.categories.tolist() == ["male", "female"]
    assert people["sex"].isna().tolist() == [False, False, False, False, True, False]
    assert people["fear"].isna().all()


def test_scores_are_rescaled_and_turned(master):
    assert scores(master, "pain") == {"101": 40, "102": 50, "104": 70, "105": 60}
    # PSFS 0-30, higher better, on 0-100, higher worse: 100 - score / 30 * 100
    assert scores(master, "mobility") == pytest.approx(
        {"101": 30, "102": 50, "103": 40, "105": 60}, abs=TOLERANCE
    )
    assert column(master, "pain_baseline") == {
        "101": 80,
        "102": 60,
        "103": 50,
        "104": 70,
        "105": 90,
        "106": 40,
    }
    assert column(master, "pain_start") == column(master, "pain_baseline")


def test_response_uses_the_outcomes_that_a_participant_has(master):
    # 101: pain 80 → 40. 102: pain 60 → 50 is 17 %; mobility unchanged. 103: pain missing,
    # mobility 60 → 40 is 33 % and 20 points. 104: pain unchanged, mobility missing.
    # 105: pain 90 → 60 is 33 % and 30 points, mobility has no baseline.
    assert scores(master, "response") == {"101": 1, "102": 0, "103": 1, "104": 0, "105": 1}


def test_binary_outcome(master):
    assert scores(master, "surgery") == {"101": 0, "102": 0, "103": 1, "105": 1}


def test_everybody_who_is_not_analysed_has_a_reason(master):
    assert reasons(master, "101") == set()
    assert reasons(master, "102") == {("pain", "long", SCORE_MISSING)}
    assert reasons(master, "104") == {
        ("surgery", "", "pregnant"),
        ("mobility", "short", SCORE_MISSING),
    }
    assert reasons(master, "106") == {("", "", "consent withdrawn")}


def test_a_trial_without_an_outcome_says_so_once_for_each_participant(write):
    without = (
        "  surgery:\n    measurements:\n      - {weeks: 12, column: op}\n"
        "    codes: {y: event, n: no_event}\n"
    )
    master = build_master(write(("trial.yml", without, "")))
    rows = master.exclusions.query("outcome == 'surgery'")
    assert sorted(rows["participant"]) == ["101", "102", "103", "104", "105"]
    assert rows["reason"].value_counts().to_dict() == {NOT_MEASURED: 4, "pregnant": 1}


def test_response_without_any_baseline_is_missing(write):
    master = build_master(write(("alpha.csv", "40,2,6,5,-9,15,15", "40,2,,5,-9,,15")))
    assert "102" not in scores(master, "response")
    assert ("response", "short", CHANGE_MISSING) in reasons(master, "102")


def accounted(master):
    """Each participant × outcome × follow-up, with how often it is analysed or excluded."""
    keys = ["trial", "participant", "outcome", "follow_up"]
    counts = pd.Series(0, index=pd.MultiIndex.from_tuples([], names=keys), dtype=int)
    plan = [(o, f) for o, p in master.protocol.outcomes.items() for f in p.follow_ups]
    slots = pd.DataFrame(plan, columns=["outcome", "follow_up"])
    full = master.participants[["trial", "participant"]].merge(slots, how="cross")
    counts = full.assign(n=0).set_index(keys)["n"]
    parts = [master.outcomes[keys]]
    for row in master.exclusions.itertuples():
        hit = slots[
            (slots["outcome"].eq(row.outcome) | (row.outcome == ""))
            & (slots["follow_up"].eq(row.follow_up) | (row.follow_up == ""))
        ]
        parts.append(hit.assign(trial=row.trial, participant=row.participant)[keys])
    found = pd.concat(parts).groupby(keys).size()
    return counts.add(found, fill_value=0)


@pytest.mark.parametrize(
    "edits",
    [
        (),
        (("protocol.yml", "{label: pregnant, outcomes: [surgery]}", "{label: pregnant}"),),
        (("protocol.yml", "{label: consent withdrawn}", "{label: left, outcomes: [pain]}"),),
        (("trial.yml", "      - {weeks: 52, column: pain52}\n", ""),),
        (("trial.yml", "values: [3]", "values: [2, 3]"),),
    ],
)
def test_nobody_is_lost_and_nobody_counted_twice(edits, write):
    assert set(accounted(build_master(write(*edits)))) == {1}


LONG = """\
files:
  - path: alpha.csv
  - path: visits.tsv
    layout: long
    participant: subject
    visit: visit
    visits: {base: 0, six: 6, twelve: 12, later: 20}
"""
VISITS = """\
subject\tvisit\tnrs\tage_now
101\ttwelve\t3\t31
101\tbase\t8\t30
101\tlater\t1\t33
102\tbase\t-9\t40
102\tsix\t2\t41
103\tsix\t5\t50
104\tbase\t7\t60
104\ttwelve\t-9\t60
"""


@pytest.fixture
def long_review(write):
    wide = """\
    measurements:
      - {weeks: 0, column: pain0}
      - {weeks: 12, column: pain12}
      - {weeks: 52, column: pain52}
"""
    return write(
        ("trial.yml", "files:\n  - path: alpha.csv\n", LONG),
        ("trial.yml", wide, "    column: nrs\n"),
        ("trial.yml", "age: {column: age}", "age: {column: age_now}"),
        extra={"data/trials/alpha/visits.tsv": VISITS},
    )


def test_long_file_beside_a_wide_one(long_review):
    master = build_master(long_review)
    assert scores(master, "pain") == {"101": 30}  # week 12 is the target; six weeks are not taken
    baseline = column(master, "pain_baseline")
    assert (baseline["101"], baseline["104"]) == (80, 70)
    assert pd.isna(baseline["102"])
    ages = column(master, "age")
    assert [ages[p] for p in ("101", "102", "103", "104")] == [30, 40, 50, 60]
    assert pd.isna(ages["105"])


def test_clusters(write):
    def people(text):
        return build_master(write(("trial.yml", "id\n", f"id\n{text}\n"))).participants

    plain = people("cluster: status")
    assert plain["cluster"].tolist() == [f"alpha/{n}" for n in (1, 1, 1, 2, 1, 3)]
    assert plain["cluster_label"].tolist() == ["1", "1", "1", "2", "1", "3"]
    named = people("cluster: status\nclusters: {1: North, 2: South, 3: East}")
    assert named["cluster"].tolist() == plain["cluster"].tolist()
    assert named["cluster_label"].tolist() == [*["North"] * 3, "South", "North", "East"]


MODIFIERS = {
    "unit": ("age: {column: age, factor: 1.25}", "age", [37.5, 50, 62.5, 75, 87.5, 100]),
    "scale": ("fear: {column: pain0, range: [0, 10]}", "fear", [80, 60, 50, 70, 90, 40]),
    "turned": (
        "fear: {column: pain0, range: [0, 10], higher: opposite}",
        "fear",
        [20, 40, 50, 30, 10, 60],
    ),
    "already on the scale": ("fear: {column: age}", "fear", [30, 40, 50, 60, 70, 80]),
    "already on the scale, turned": (
        "fear: {column: age, higher: opposite}",
        "fear",
        [70, 60, 50, 40, 30, 20],
    ),
    "unit and scale": (
        "fear: {column: pain0, range: [0, 10], factor: 3}",
        "fear",
        [80, 60, 50, 70, 90, 40],
    ),
    "codes for numbers": (
        "age: {column: group, codes: {1: 20, 2: 35}}",
        "age",
        [20] * 3 + [35] * 3,
    ),
    "missing code of the column": (
        "fear: {column: age, missing: [30]}",
        "fear",
        [None, 40, 50, 60, 70, 80],
    ),
    "blank has a meaning": (
        "sex: {column: sex, codes: {1: male, 2: female, '': female}}",
        "sex",
        ["male", "female", "male", "female", "female", "male"],
    ),
    "several columns": (
        (
            "sex: {combine: {group: male, status: female}, yes: 1, no: 2, several: female, "
            "missing: [3]}"
        ),
        "sex",
        ["female", "female", "female", None, "female", None],
    ),
}


@pytest.mark.parametrize("name", MODIFIERS)
def test_modifiers(name, write):
    entry, key, expected = MODIFIERS[name]
    old = {
        "age": "  age: {column: age}\n",
        "sex": "    codes: {1: male, 2: female}\n",
        "fear": "exclusions:\n",
    }[key]
    new = {"age": f"  {entry}\n", "fear": f"  {entry}\nexclusions:\n"}.get(key, "")
    edit = ("trial.yml", old, new)
    if key == "sex":
        edit = ("trial.yml", f"  sex:\n    column: sex\n{old}", f"  {entry}\n")
    values = build_master(write(edit)).participants[key]
    given = pd.Series(expected, dtype=object)
    assert values.isna().tolist() == given.isna().tolist()
    assert values.dropna().tolist() == given.dropna().tolist()


@pytest.mark.parametrize(
    ("weeks", "chosen"),
    [
        ([0, 4, 12], 12),
        ([10, 14], 10),  # equally close: the earlier
        ([14, 11], 11),
        ([6], 6),
        ([18], 18),
        ([5.9, 18.1], None),
        ([], None),
        ([0, -1], None),
    ],
)
def test_closest_assessment_in_the_window(weeks, chosen):
    assert closest(weeks, FollowUp(label="short", weeks=12, window=(6, 18))) == chosen


def test_a_baseline_is_never_a_follow_up():
    assert closest([0], FollowUp(label="at once", weeks=0, window=(0, 2))) is None


@given(
    value=st.floats(-1e3, 1e3),
    low=st.floats(-100, 100),
    width=st.floats(0.1, 200),
    turned=st.booleans(),
)
def test_rescaling_can_be_undone(value, low, width, turned):
    source, target = (low, low + width), (0.0, 100.0)
    there = rescale(pd.Series([value]), source=source, target=target, turned=turned)
    back = rescale(there, source=target, target=source, turned=turned)
    assert back.item() == pytest.approx(value, abs=1e-8)  # 1e3 / 0.1 loses four digits
    ends = rescale(pd.Series(source), source=source, target=target, turned=turned)
    assert ends.tolist() == pytest.approx([100, 0] if turned else [0, 100], abs=1e-9)
