"""Sentences, tables and curves about other analyses, from results made by hand."""

from dataclasses import replace

import pytest

from analysis import tables, wording
from analysis.errors import ResultError
from analysis.figures import curves as figure
from analysis.protocol import Protocol
from analysis.results.curves import CurvePoint, EffectCurve
from analysis.results.estimates import Estimate, Interaction
from analysis.results.sensitivity import Sensitivity, SensitivityRow, WithoutTrial
from analysis.results.stages import Difference, DroppedTrials, StageComparison
from analysis.tables.contrasts import ratio

PROTOCOL = Protocol.model_validate({
    "title": "T", "registration": "none", "data_status": "synthetic", "data_note": "Invented.",
    "unit": ["clinic", "clinics"], "treatment": "active",
    "arms": {"active": {"label": "Training"}, "usual": {"label": "Usual care"}},
    "comparisons": {"usual": {"label": "usual care", "control": ["usual"]}},
    "follow_ups": {"short": {"label": "short term", "weeks": 12, "window": [6, 18]}},
    "outcomes": {
        "pain": {"label": "Pain", "kind": "continuous", "unit": "points", "follow_ups": ["short"]},
        "cure": {"label": "Cure", "kind": "binary", "higher": "better", "event": "cured",
                 "follow_ups": ["short"]},
    },
    "modifiers": {
        "age": {"label": "Age", "kind": "continuous", "unit": "years", "per": "year"},
        "sex": {"label": "Sex", "kind": "categorical", "reference": "m",
                "levels": {"m": "Male", "f": "Female"}},
    },
    "overall": {"outcomes": ["pain"], "follow_ups": ["short"], "comparisons": ["usual"]},
    "interactions": {"outcomes": ["pain"], "follow_ups": ["short"], "comparison": "usual"},
})  # fmt: skip
BASE = Estimate(
    "MD", 2.0, -1.0, 5.0, 1.5, 20.0, 0.2, 0.95, 9, 400, 200, 200, 7, "REML; t intervals", "y ~ x"
)
NONE = replace(BASE, estimate=None, ci_low=None, ci_high=None, p=None, not_estimable="too few")
KEYS = ("pain", "short", "usual")


def shifted(estimate, half=3.0, **more):
    limits = {"ci_low": estimate - half, "ci_high": estimate + half}
    return replace(BASE, estimate=estimate, **limits, **more)


def stage(total=0.1, trials=0.0, slopes=0.0, weights=0.0, **more):
    parts = Difference(total, trials, slopes, weights)
    dropped = (DroppedTrials("participants in one arm only", ("Beta 2001", "Alpha 2000"), 90),)
    found = StageComparison(
        *KEYS, "age", "", BASE, shifted(2.0 + total, trials=5), difference=parts
    )
    return replace(found, dropped=dropped, **more)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([stage()], "for none of one interactions."),
        ([stage(0.9, trials=0.9), stage(-0.8, slopes=-0.8), stage(0.8, 0.6, 0.1, 0.1)],
         ("three of three interactions; the largest part of the difference comes from the clinics "
         "that have no interaction of their own (two) and slopes and residual variances of the "
         "single clinics (one).")),
        ([stage(0.9, weights=0.9), stage(0.7)],
         ("one of two interactions; the largest part of the difference comes from weights that "
         "allow for differences between clinics (one).")),
        ([stage(difference=None)], "No interaction could be estimated in one stage and in two."),
    ],
)  # fmt: skip
def test_where_the_difference_between_the_routes_comes_from(rows, says):
    assert wording.stages_sentence(rows, PROTOCOL).endswith(says)


def test_table_of_the_routes():
    text = tables.stages_table([stage(0.9, 0.5, 0.3, 0.1), stage(two=NONE)], PROTOCOL).as_raw_html()
    for said in (
        "Not in the second stage (participants in one arm only): Alpha 2000 and Beta 2001.",
        "Too few.", ">0.90<", ">0.50<", ">0.30<", ">0.10<",
    ):  # fmt: skip
        assert said in text
    with pytest.raises(ResultError, match="no modifiers"):
        tables.stages_table([], PROTOCOL)


def both(within, across):
    return Interaction(*KEYS, "sex", "f", False, within, across)


def test_within_beside_across():
    rows = [both(shifted(2.0), shifted(-40.0)), both(shifted(1.0), shifted(9.0)), both(NONE, None)]
    assert wording.within_across_sentence(rows, PROTOCOL) == (
        "Within and across clinics, one of two associations point in opposite directions."
    )
    text = tables.within_across_table(rows, PROTOCOL).as_raw_html()
    assert "Sex: female v male" in text
    assert "−40.00" in text
    assert "Too few." in text
    with pytest.raises(ResultError, match="primary analyses only"):
        tables.within_across_table([both(BASE, None)], PROTOCOL)


@pytest.mark.parametrize(("value", "printed"), [
    (1.234, "1.23"), (1000.0, "1000.00"), (1000.1, ">1000"), (float("inf"), ">1000"),
    (0.001, "0.00"), (0.0009, "<0.001"), (0.0, "<0.001"), (None, "–"),
])  # fmt: skip
def test_ratios_that_say_nothing_are_cut_off(value, printed):
    assert ratio(value, 2) == printed


def menu(*effects, without=(), **keys):
    names = ["primary", "normal", "unstructured"]
    rows = [SensitivityRow(n, e, 1.0) for n, e in zip(names, effects, strict=False)]
    found = Sensitivity(*KEYS, keys.get("modifier", ""), keys.get("level", ""), tuple(rows))
    return replace(
        found, without=tuple(WithoutTrial(n, v, v - 3.0, v + 3.0, 0.1) for n, v in without)
    )


@pytest.mark.parametrize(("result", "says"), [
    (menu(shifted(2.0), shifted(1.5)),
     "The effect against usual care for pain lay between 1.5 and 2.0 in two analyses."),
    (menu(shifted(2.0), shifted(3.5), without=[("A", 1.0), ("B", 4.0)]),
     ("The effect against usual care for pain lay between 2.0 and 3.5 in two analyses, and between "
     "1.0 and 4.0 without one clinic; the interval excludes no effect in one of the two "
     "analyses.")),
    (menu(shifted(4.0), shifted(2.5), modifier="sex", level="f"),
     ("The interaction with sex for pain lay between 2.5 and 4.0 in two analyses; the interval "
     "includes no effect in one of the two analyses.")),
    (menu(NONE), "The effect against usual care for pain could not be estimated: too few."),
])  # fmt: skip
def test_the_menu_in_a_sentence(result, says):
    assert wording.sensitivity_sentence(result, PROTOCOL) == says


def test_table_of_the_menu():
    results = [
        menu(shifted(2.0), shifted(3.5), without=[("A", 1.0), ("B", 4.0)]),
        menu(shifted(4.0), modifier="sex", level="f"),
    ]
    text = tables.sensitivity_table(results, PROTOCOL).as_raw_html().replace("\u00a0", " ")
    for said in (
        "Pain, short term, MD v usual care", "Normal intervals", "1.0 to 4.0",
        "Most influential: without B", "depends on single clinics being there: B",
        "interaction (MD) with sex: female v male",
    ):  # fmt: skip
        assert said in text
    assert "SD between clinics" in text
    rows = tuple(replace(row, between_trial_sd=None) for row in results[1].rows)
    without = tables.sensitivity_table([replace(results[1], rows=rows)], PROTOCOL).as_raw_html()
    assert "SD between" not in without
    assert "SD=" not in without
    with pytest.raises(ResultError, match="no menu"):
        tables.sensitivity_table([], PROTOCOL)


def curve(p=0.5, outcome="pain", **more):
    points = tuple(CurvePoint(x, 1 + x / 50, 0.5, 3.0) for x in (20.0, 40.0, 60.0))
    measure = "OR" if outcome == "cure" else "MD"
    made = "restricted cubic spline, knots 25, 40, 55; two-stage; pointwise band"
    found = EffectCurve(
        outcome, "short", "usual", "age", measure, 0.95, points, (25.0, 40.0, 55.0), 40.0, 0.1, p,
        4, 300, made,
    )  # fmt: skip
    return replace(found, **more)


@pytest.mark.parametrize(("curves", "says"), [
    ([curve()], "Of one test of non-linearity for pain, none had P<0.05."),
    ([curve(0.01), curve(0.2)],
     ("Of two tests of non-linearity for pain, one had P<0.05 (age, P=0.01); 0.1 would be "
     "expected by chance.")),
    ([curve(None)], "Non-linearity could not be tested."),
])  # fmt: skip
def test_tests_of_non_linearity(curves, says):
    assert wording.nonlinearity_sentence(curves, PROTOCOL) == says


@pytest.mark.parametrize(("outcome", "favours"), [
    ("pain", "Effects below 0 favour training."), ("cure", "Effects above 1 favour training."),
])  # fmt: skip
def test_a_figure_of_curves(outcome, favours):
    missing = curve(points=(), not_estimable="too few clinics", outcome=outcome)
    curves = [curve(outcome=outcome)] * 4 + [missing]
    drawn = figure.effect_curves(curves, PROTOCOL)
    assert len(drawn.axes) == 4
    assert {axes.get_ylim() for axes in drawn.axes} == {drawn.axes[0].get_ylim()}
    assert drawn.axes[0].get_yscale() == ("log" if outcome == "cure" else "linear")
    notes = " ".join(figure.notes(curves, PROTOCOL))
    for said in (
        favours,
        "too few clinics",
        "4 clinics, 300 participants",
        "three knots; two-stage",
    ):
        assert said in notes
    assert "at 20.0 years" in figure.alt_text(curves, PROTOCOL)
    with pytest.raises(ResultError, match="too few clinics"):
        figure.effect_curves([missing], PROTOCOL)
