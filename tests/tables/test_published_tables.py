"""The tables of the paper from results made by hand: what each cell and each note says."""

import re
from dataclasses import replace
from html import unescape

import pytest

from analysis import tables
from analysis.errors import ResultError
from analysis.protocol import Protocol
from analysis.results.estimates import (
    Characteristic,
    Estimate,
    ExclusionCount,
    Interaction,
    LevelCount,
    OverallEffect,
    ParticipantTable,
    PublishedFigure,
    TrialRow,
)
from analysis.tables.grid import read_grid
from analysis.tables.inline import plain

PLAN = {
    "title": "T", "registration": "none", "data_status": "synthetic", "data_note": "Invented data.",
    "unit": ["site", "sites"], "treatment": "active",
    "arms": {"active": {"label": "CBT"}, "usual": {"label": "Usual care"}},
    "comparisons": {"usual": {"label": "usual care", "control": ["usual"]}},
    "follow_ups": {"v1": {"label": "visit 1", "weeks": 12, "window": [6, 18]},
                   "v2": {"label": "visit 2", "weeks": 52, "window": [40, 60]}},
    "outcomes": {
        "pain": {"label": "Pain", "kind": "continuous", "unit": "points", "higher": "worse",
                 "follow_ups": ["v1", "v2"]},
        "joy": {"label": "Joy", "kind": "continuous", "higher": "better", "follow_ups": ["v1"],
                "decimals": 2},
        "relapse": {"label": "Relapse", "kind": "binary", "higher": "worse", "event": "relapsed",
                    "follow_ups": ["v1"]},
        "recovery": {"label": "Recovery", "kind": "binary", "higher": "better",
                     "event": "recovered", "follow_ups": ["v1"]},
    },
    "modifiers": {
        "bmi": {"label": "BMI", "kind": "continuous", "per": "kg/m²", "decimals": 2},
        "sex": {"label": "Sex", "kind": "categorical",
                "levels": {"male": "Male", "female": "Female"}, "reference": "male"},
        "work": {"label": "Work", "kind": "categorical", "reference": "no",
                 "levels": {"no": "No", "light": "Light", "heavy": "Heavy"}},
    },
    "model": {"adjust": ["bmi", "sex"]},
    "overall": {"outcomes": ["pain"], "follow_ups": ["v1"], "comparisons": ["usual"]},
    "interactions": {"outcomes": ["pain"], "follow_ups": ["v1"], "comparison": "usual"},
}  # fmt: skip
PROTOCOL = Protocol.model_validate(PLAN)


def text(table):
    """Text of a table, cells parted by bars."""
    html = re.sub(r"<style.*?</style>", "", table.as_raw_html(), flags=re.DOTALL)
    plain = unescape(re.sub(r"<[^>]+>", "|", html))
    return re.sub(r"[|\s]*\|[|\s]*", "|", re.sub(r"[ \u00a0\n]+", " ", plain))


def estimate(value, low, high, *, measure="MD", p=0.03, reason="", warnings=()):
    return Estimate(
        measure=measure, estimate=value, ci_low=low, ci_high=high, se=None, df=None, p=p,
        level=0.95, trials=9, participants=12345, treated=6345, controls=6000, contrast_trials=7,
        convention="REML over the trials", formula="y ~ treat", excluded={"outcome missing": 3},
        warnings=warnings, not_estimable=reason,
    )  # fmt: skip


def overall(outcome, effect, *, sd=1.0, limits=(-9.0, 2.0)):
    return OverallEffect(
        outcome=outcome, follow_up="v1", comparison="usual", effect=effect, between_trial_sd=sd,
        prediction_low=limits[0], prediction_high=limits[1],
        prediction="k counts trials" if limits[0] else "", baseline_mean=None, worthwhile=None,
    )  # fmt: skip


NOT_THERE = estimate(None, None, None, p=None, reason="no site has both arms")


def test_overall_table():
    shown = text(
        tables.overall_table(
            [
                overall("pain", estimate(-3.04, -6.0, -0.04)),
                overall("relapse", estimate(0.5, 0.3, 0.8, measure="OR"), limits=(0.2, 1.2)),
                overall("joy", NOT_THERE, sd=None, limits=(None, None)),
            ],
            PROTOCOL,
        )
    )
    assert "|Pain, visit 1, MD in points|v usual care|9 (7)|" in shown
    assert "12\N{NARROW NO-BREAK SPACE}345 (6345/6000)|−3.0 (−6.0 to 0.0)|0.03|" in shown
    assert "|Relapse, visit 1, OR|" in shown
    assert "|0.50 (0.30 to 0.80)|" in shown
    assert "|Joy, visit 1, MD|" in shown
    assert "|Not estimable|" in shown
    assert "|No site has both arms.|" in shown
    assert "K counts sites" in shown or "k counts sites" in shown
    assert "REML over the sites." in shown
    assert "trial" not in shown
    assert shown.rstrip("|").endswith(("Invented data.", "No site has both arms."))


def interactions(outcome, *, measure="MD", adjusted=(False, True), joint=0.2):
    """Rows of a modifier of each kind."""
    found = estimate(0.5, 0.25, 0.75, measure=measure)
    levels = [("bmi", "", None), ("sex", "female", None)]
    levels += [("work", level, joint) for level in ("light", "heavy")]
    return [
        Interaction(outcome, "v1", "usual", modifier, level, side, found, None, joint_p)
        for modifier, level, joint_p in levels
        for side in adjusted
    ]


@pytest.mark.parametrize(
    ("outcome", "measure", "number", "meaning"),
    [
        ("pain", "MD", "0.50 (0.25 to 0.75)", "negative means a greater benefit of CBT"),
        ("joy", "MD", "0.500 (0.250 to 0.750)", "negative means a smaller benefit of CBT"),
        ("relapse", "OR", "0.50 (0.25 to 0.75)", "below 1 means a greater benefit of CBT"),
        ("recovery", "OR", "0.50 (0.25 to 0.75)", "below 1 means a smaller benefit of CBT"),
    ],
)
def test_interactions_say_what_their_sign_means(outcome, measure, number, meaning):
    shown = text(tables.interactions_table(interactions(outcome, measure=measure), PROTOCOL))
    assert shown.count(number) == 8
    assert meaning in shown
    assert "BMI, per kg/m²" in shown
    assert "for BMI and sex" in shown
    assert f"|Interaction {measure} (95% CI)|" in shown


def test_levels_stand_under_their_joint_p_value():
    shown = text(tables.interactions_table(interactions("pain", joint=0.0004), PROTOCOL))
    heading = shown.index("|Work|")
    assert shown[heading:].count("<0.001") == 2
    assert shown[:heading].count("<0.001") == 0
    assert "|No|Reference|Reference|" in re.sub(r"\|+", "|", shown[heading:])


def test_a_review_without_adjustment_has_no_adjusted_columns():
    plan = Protocol.model_validate({**PLAN, "model": {}})
    shown = text(tables.interactions_table(interactions("pain", adjusted=(False,)), plan))
    assert "djusted" not in shown.replace("Unadjusted", "")


def test_an_interaction_that_cannot_be_estimated_has_its_reason():
    rows = [
        Interaction("pain", "v1", "usual", "bmi", "", side, NOT_THERE, None)
        for side in (False, True)
    ]
    shown = text(tables.interactions_table(rows, PROTOCOL))
    assert shown.count("Not estimable") == 2
    assert "|No site has both arms.|" in shown
    assert "nan" not in shown


def heads(grid):
    """Label of each column, spanners left out."""
    found, filled = {}, [0] * len(grid.widths)
    for index, row in enumerate(grid.head):
        place = 0
        for cell in row.cells:
            while filled[place] > index:
                place += 1
            if cell.columns == 1:
                found[place] = plain(cell.content)
            filled[place : place + cell.columns] = [index + cell.rows] * cell.columns
    return [found[place] for place in range(len(filled))]


def test_heads_fit_their_columns():
    """A bold letter of a head takes up to a hundredth of the line in PDF."""
    row = TrialRow(
        "t", "T 2001", "t2001", "Nowhere", "Clinic", 40, None, 51.26, 2, 0, (), {"pain": "NRS"},
        {}, {"v1": ("pain",), "v2": ()}, (),
    )  # fmt: skip
    clinics = PROTOCOL.model_copy(update={"unit": ("clinic", "clinics")})
    for table in (
        tables.interactions_table(interactions("pain"), clinics),
        tables.overall_table([overall("pain", estimate(-3.04, -6.0, -0.04))], clinics),
        tables.trials_table([row], clinics),
    ):
        grid = read_grid(table)
        widths = [float(width.removesuffix("%")) for width in grid.widths]
        assert sum(widths) == pytest.approx(100)
        for label, width in zip(heads(grid), widths, strict=True):
            longest = max(re.split("[ \n]", label), key=len)
            assert len(longest) <= width, longest


@pytest.mark.parametrize("unit", ["trials", "general practices", "Gemeinschaftspraxen"])
@pytest.mark.parametrize("adjusted", [(False,), (False, True)])
def test_labels_of_interactions_keep_their_room(unit, adjusted):
    plan = PROTOCOL.model_copy(update={"unit": ("one", unit)})
    grid = read_grid(tables.interactions_table(interactions("pain", adjusted=adjusted), plan))
    widths = [float(width.removesuffix("%")) for width in grid.widths]
    assert sum(widths) == pytest.approx(100)
    assert widths[0] >= 16


def test_a_remark_on_every_estimate_says_that_it_is_on_all():
    given = estimate(-3.04, -6.0, -0.04, warnings=("Boundary fit: no variance.",))
    shown = text(tables.overall_table([overall("pain", given)], PROTOCOL))
    assert "between sites was estimated as zero (boundary fit): all estimates." in shown
    other = estimate(-3.04, -6.0, -0.04)
    shown = text(tables.overall_table([overall("pain", given), overall("joy", other)], PROTOCOL))
    assert "all estimates" not in shown


def test_no_modifiers_no_table():
    with pytest.raises(ResultError, match="modifiers"):
        tables.interactions_table((), PROTOCOL)


def people(n):
    bmi = Characteristic("bmi", "BMI", "continuous", "mean", 7, n - 10, 10, 0, 26.456, 4.0, 26.0,
                         27.0, 26.0, 23.0, 29.0)  # fmt: skip
    sexes = (LevelCount("Male", n // 4), LevelCount("Female", n - n // 4))
    sex = Characteristic("sex", "Sex", "categorical", "mean", 9, n, 0, levels=sexes)
    work = Characteristic("work", "Work", "categorical", "mean", 0, 0, n,
                          levels=(LevelCount("No", 0), LevelCount("Light", 0),
                                  LevelCount("Heavy", 0)))  # fmt: skip
    return bmi, sex, work


def test_participants_table():
    given = ParticipantTable(people(200), people(120), people(80), 200, 120, 80, {})
    shown = text(tables.participants_table(given, PROTOCOL))
    assert "|All (n=200)|" in shown
    assert "CBT (n=120)" in shown
    assert "|BMI, mean|190|26.46 (26.00 to 27.00)|" in shown
    assert "|Male|50|25.0%|25.0%|25.0%|" in shown
    assert "|Light|0|–|–|–|" in shown
    assert "clustering of participants in sites" in shown


def figure(published, reproduced, verdict, decimals=1):
    return PublishedFigure(
        "t", "T 2001", "Pain, mean", "", decimals, published, reproduced, verdict
    )


def test_published_table():
    rows = [figure(3.14, 3.1399, "reproduced", 2), figure(5, None, "not computable: nobody")]
    shown = text(tables.published_table(rows, PROTOCOL))
    assert "|T 2001|Pain, mean|All|3.14|3.14|Reproduced|" in shown
    assert "|5.0|–|Not computable: nobody|" in shown


def test_exclusions_are_summed_over_trials_in_the_order_of_the_protocol():
    rows = [
        ExclusionCount("b", "B", "joy", "v1", "score missing", 1),
        ExclusionCount("b", "B", "joy", "v1", "visit missed", 30),
        ExclusionCount("b", "B", "joy", "v1", "died", 40),
        ExclusionCount("a", "A", "pain", "v2", "score missing", 20),
        ExclusionCount("a", "A", "pain", "v1", "score missing", 3),
        ExclusionCount("b", "B", "pain", "v1", "score missing", 8),
        ExclusionCount("b", "B", "", "", "consent withdrawn", 5),
    ]
    shown = text(tables.exclusions_table(rows, PROTOCOL))
    order = ["All outcomes", "|All|Consent withdrawn|1|<10|", "|Pain|",
             "Visit 1|Score missing|2|11|", "Visit 2|Score missing|1|20|", "|Joy|",
             "|Visit 1|Died|1|40|", "|Visit 1|Score missing|1|<10|",
             "|Visit 1|Visit missed|1|≥10|"]  # fmt: skip
    places = [shown.index(each.lstrip("|")) for each in order]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (tables.exclusions_table, "Nobody was left out"),
        (tables.published_table, "No published figure was given"),
    ],
)
def test_nothing_to_show_is_said(make, words):
    assert words in text(make((), PROTOCOL))


def test_trials_table_abbreviates_follow_ups_so_that_they_differ():
    row = TrialRow(
        "t", "T 2001", "t2001", "Nowhere", "Clinic", 40, None, 51.26, 2, 0, (), {"pain": "NRS"},
        {"pain": "eleven points"}, {"v1": ("pain",), "v2": ()}, ("Stopped early.",),
    )  # fmt: skip
    shown = text(tables.trials_table([row], PROTOCOL))
    assert "|Nowhere|Clinic|40|–|51.3|" in shown
    assert "V1=visit 1; V2=visit 2" in shown
    assert "eleven points" in shown
    assert "Stopped early." in shown


def test_models_table_keeps_the_order_of_what_was_left_out():
    given = estimate(1.0, 0.5, 1.5, warnings=("Variances rest on 4 trials only.",))
    given = replace(given, random=("Intercept", "treat"))
    shown = text(tables.models_table([given, NOT_THERE], ["First", "Second"], PROTOCOL))
    assert "|First|y ~ treat|Intercept, treat|9|6345/6000|<10 outcome missing|" in shown
    assert "Variances rest on 4 sites only." in shown
    assert "no site has both arms" in shown
