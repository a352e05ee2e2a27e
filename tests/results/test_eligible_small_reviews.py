"""Published figures, their pooling, the flow and characteristics in small made reviews."""

from dataclasses import replace

import numpy as np
import pytest
from synthetic_master import protocol as small_protocol
from synthetic_master import synthetic_master

from analysis.results.aggregate import aggregate_forest
from analysis.results.flow import flow
from analysis.results.published_arms import (
    INCOMPLETE,
    NO_CONTRAST,
    NO_SPREAD,
    NOT_REPORTED,
    of_mapping,
)
from analysis.results.trial_characteristics import trial_characteristics
from analysis.trials.mapping import TrialMapping
from analysis.trials.without_ipd import ArmScores, PublishedArm, TrialWithoutIpd

EXACT = 1e-9


FIGURES = [
    {"statistic": s, "value": v, "arm": arm, "outcome": "pain", "weeks": week}
    for week, arm, values in [
        (8, "a", (20, 4.0, 2.0)),
        (14, "a", (18, 3.0, 2.0)),
        (14, "c", (10, 5.0, 1.0)),
        (14, "b", (19, 6.0, 2.5)),
    ]
    for s, v in zip(("n", "mean", "sd"), values, strict=True)
]
SECTION = {"outcomes": ["pain"], "follow_ups": ["short"], "comparison": "any"}


def small_mapping(figures=FIGURES, *, higher="worse", arms=None, label="T0"):
    arms = arms or {"a": "active", "c": "active", "b": "waiting"}
    return TrialMapping.model_validate(
        {
            "label": label, "citation": {"key": label, "authors": "A", "year": 2001},
            "country": "Nowhere", "setting": "Clinic", "files": [{"path": "d.csv"}],
            "participant": "id", "arm": {"column": "arm", "codes": {k: k for k in arms}},
            "arms": {k: {"label": k, "category": v} for k, v in arms.items()},
            "outcomes": {
                "pain": {
                    "instrument": {"name": "NRS", "range": [0, 10], "higher": higher},
                    "measurements": [{"weeks": 14, "column": "p"}],
                }
            },
            "published": figures,
        }
    )  # fmt: skip


def sides(mapping, plan=None):
    plan = plan or small_protocol()
    return of_mapping(mapping, plan, outcome="pain", follow_up="short", comparison="any")


@pytest.mark.parametrize("higher", ["worse", "better"])
def test_published_figures_are_rescaled_and_the_nearest_week_counts(higher):
    treated, controls = sides(small_mapping(higher=higher))
    means = np.array([(18 * 3 + 10 * 5) / 28, 6.0]) * 10
    expected = means if higher == "worse" else 100 - means
    assert (treated.n, controls.n) == (28, 19)
    assert (treated.mean, controls.mean) == pytest.approx(tuple(expected))
    assert controls.sd == pytest.approx(25)


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        (small_mapping(arms={"a": "active", "c": "active", "b": "drug"}), NO_CONTRAST),
        (small_mapping([f for f in FIGURES if f["weeks"] == 99]), NOT_REPORTED),
        (small_mapping([f for f in FIGURES if (f["arm"], f["statistic"]) != ("b", "sd")]),
         INCOMPLETE),
        (small_mapping([f | {"where": {"sex": 1}} for f in FIGURES]), NOT_REPORTED),
        (small_mapping([f | {"value": 0} if f["statistic"] == "sd" else f for f in FIGURES]),
         NO_SPREAD),
    ],
)  # fmt: skip
def test_a_trial_that_cannot_be_pooled_has_a_reason(mapping, reason):
    assert sides(mapping) == reason


def others(*effects):
    """Trials without participant data whose difference in means is given."""
    return tuple(
        TrialWithoutIpd(
            trial=f"x{i}", label=f"X{i}", participants=100, baselines={},
            arms=(
                PublishedArm(category="active",
                             scores={"pain_short": ArmScores(n=50, mean=40 + d, sd=20)}),
                PublishedArm(category="waiting",
                             scores={"pain_short": ArmScores(n=50, mean=40, sd=20)}),
            ),
        )
        for i, d in enumerate(effects)
    )  # fmt: skip


@pytest.mark.parametrize("interval", ["normal", "knapp-hartung"])
def test_groups_too_small_to_pool_say_so(interval):
    plan = small_protocol(aggregate=SECTION | {"interval": interval})
    base = replace(synthetic_master(plan), mappings={"t0": small_mapping()})
    alone = aggregate_forest(base, outcome="pain", follow_up="short")
    assert (alone.with_ipd.trials, alone.without_ipd.trials) == (1, 0)
    assert alone.with_ipd.estimate == alone.trials[0].estimate
    assert alone.with_ipd.tau2 is None
    assert alone.without_ipd.not_estimable
    assert alone.difference is None
    equal = replace(base, without_ipd=others(-5, -5))
    found = aggregate_forest(equal, outcome="pain", follow_up="short").without_ipd
    assert (found.estimate is None) == (interval == "knapp-hartung")
    assert bool(found.not_estimable) == (interval == "knapp-hartung")
    differing = replace(base, without_ipd=others(-5, -9, 3))
    found = aggregate_forest(differing, outcome="pain", follow_up="short")
    assert found.difference.convention.endswith("normal") == (interval == "normal")


def test_flow_of_a_review_with_nothing_but_data():
    master = synthetic_master()
    steps = flow(master).steps
    names = [box.name for step in steps for box in step.boxes]
    assert names == ["sought", "obtained", "eligible", "analysed_pain"]
    assert steps[0].boxes[0].total.participants == len(master.participants) == 320
    assert steps[2].left_out.parts[0].label == "consent withdrawn"
    box = steps[-1].boxes[0]
    assert box.total.participants + sum(p.participants for p in box.parts) == 319
    assert "arm not part of the comparison" in {p.label for p in box.parts}


def test_flow_with_every_layer_of_the_search():
    search = {
        "identified": {"one base": 90, "another": 30}, "removed": {"twice": 20},
        "screened": 100, "screened_out": 60, "assessed": 40, "assessed_out": {"no trial": 30},
        "not_sought": {"too late": 1}, "not_obtained": {"no answer": 4, "data lost": 1},
        "not_eligible": [{"reason": "child", "trials": 1, "participants": 7}],
    }  # fmt: skip
    steps = flow(synthetic_master(small_protocol(search=search))).steps
    found = {box.name: box.total for s in steps for box in (*s.boxes, s.left_out) if box}
    assert [s.phase for s in steps] == [
        "identification", "screening", "screening", "data", "data", "data", "analysis",
    ]  # fmt: skip
    assert (found["identified"].records, found["removed"].records) == (120, 20)
    assert (found["assessed_out"].records, found["not_sought"].trials) == (30, 1)
    assert (found["sought"].trials, found["sought"].participants) == (8 + 5, None)
    assert (found["not_obtained"].trials, found["not_obtained"].participants) == (5, None)
    assert (found["obtained"].participants, found["not_eligible"].participants) == (327, 8)


def test_characteristics_of_trials_alone_have_no_test():
    table = trial_characteristics(synthetic_master())
    assert (table.with_ipd, table.without_ipd) == (8, 0)
    assert {each.name for each in table.blocks}.isdisjoint({"type", "design", "delivery"})
    assert all(each.p is None for each in (*table.quantities, *table.blocks))
