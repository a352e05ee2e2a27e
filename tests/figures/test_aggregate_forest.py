"""The forest plot of published results says what its result says: cells, marks, lines, notes."""

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.errors import ResultError
from analysis.figures import forest
from analysis.figures.aggregate import draw, specify
from analysis.figures.aggregate_text import alt_text, heterogeneity_line, notes
from analysis.formats import number, with_interval
from analysis.protocol import read_protocol
from analysis.results.eligible import (
    AggregateForest,
    AggregateTrial,
    Difference,
    PooledTrials,
)
from analysis.results.estimates import ArmSummary

PROTOCOL = read_protocol(Path(__file__).parents[2] / "data" / "protocol.yml")
CLINICS = PROTOCOL.model_copy(update={"unit": ("clinic", "clinics"), "data_status": "real"})
POOLED = PooledTrials(
    trials=4, treated=200, controls=180, estimate=-4.2, se=1.5, df=3, ci_low=-8.9, ci_high=0.5,
    p=0.07, tau2=12.34, tau2_low=0.0, tau2_high=90.1, i2=61.2, q=8.76, q_p=0.03,
    prediction_low=-25.0, prediction_high=16.0, convention="random effects, REML; normal interval",
)  # fmt: skip


def trial(source, number_, estimate=-3.0, weight=25.0):
    return AggregateTrial(
        trial=f"{source}{number_}", label=f"{source} {number_}", source=source,
        treated=ArmSummary(50, mean=30.0 + estimate, sd=20.0), controls=ArmSummary(45, mean=30.0,
        sd=18.0), estimate=estimate, se=4.0, ci_low=estimate - 7.8, ci_high=estimate + 7.8,
        weight=weight,
    )  # fmt: skip


def result(with_ipd=4, without=4, **changes):
    trials = [trial("with_ipd", i, -3.0 - i) for i in range(with_ipd)]
    trials += [trial("without_ipd", i, 2.0 * i) for i in range(without)]
    nothing = PooledTrials(0, 0, 0, not_estimable="no trial reports this outcome")
    made = AggregateForest(
        "pain", "short", "any", 0.95, tuple(trials),
        with_ipd=POOLED if with_ipd else nothing,
        without_ipd=replace(POOLED, estimate=2.1, ci_low=0.6, ci_high=3.6) if without else nothing,
        everyone=POOLED,
        difference=Difference(-6.3, -9.0, -3.6, 0.0021, "difference of the two, normal")
        if with_ipd and without else None,
        left_out={"with_ipd": {"no arm of the trial": 2}, "without_ipd": {}},
    )  # fmt: skip
    return replace(made, **changes)


def test_cells_and_marks_are_the_numbers_of_the_result():
    made = result()
    spec = specify(made, PROTOCOL)
    rows = {row.cells[0]: row for row in spec.rows if row.kind == "row"}
    assert list(rows) == [each.label for each in made.trials]
    for each in made.trials:
        row = rows[each.label]
        assert row.cells[1:] == (
            "50", f"{number(each.treated.mean)} (20.0)", "45", "30.0 (18.0)",
            with_interval(each.estimate, each.ci_low, each.ci_high), "25.0",
        )  # fmt: skip
        drawn = (row.mark.estimate, row.mark.low, row.mark.high)
        assert drawn == (each.estimate, each.ci_low, each.ci_high)
        assert row.mark.area == 1.0
    summaries = [row for row in spec.rows if row.kind == "summary"]
    assert [row.cells[0] for row in summaries] == ["Pooled", "Pooled", "All trials"]
    pooled = (made.with_ipd, made.without_ipd, made.everyone)
    for row, each in zip(summaries, pooled, strict=True):
        assert row.mark.shape == "diamond"
        assert (row.mark.low, row.mark.high) == (each.ci_low, each.ci_high)
        assert row.mark.prediction == (-25.0, 16.0)
        assert row.cells[5] == with_interval(each.estimate, each.ci_low, each.ci_high)
    said = [row.cells[0] for row in spec.rows if row.kind == "note"]
    assert said == [
        *["τ²=12.3 (0.0 to 90.1); I²=61%; Q=8.8, P=0.03"] * 3,
        "Difference (with − without): −6.3 (−9.0 to −3.6), P=0.002",
    ]


def test_squares_are_as_large_as_weights():
    trials = (trial("with_ipd", 0, weight=40.0), trial("with_ipd", 1, weight=10.0))
    rows = [r for r in specify(result(trials=trials), PROTOCOL).rows if r.kind == "row"]
    assert [row.mark.area for row in rows] == [1.0, 0.25]


@pytest.mark.parametrize(("with_ipd", "without"), [(4, 0), (0, 4)])
def test_one_group_alone_has_no_line_for_all(with_ipd, without):
    made = result(with_ipd, without)
    spec = specify(made, PROTOCOL)
    assert len(spec.groups) == 1
    assert not any(row.cells[0].startswith(("All", "Difference")) for row in spec.rows)
    assert "Difference" not in alt_text(made, PROTOCOL)
    assert "no trial reports this outcome" in alt_text(made, PROTOCOL)


def test_no_trial_is_said_and_not_drawn():
    with pytest.raises(ResultError, match="pain intensity at short term"):
        specify(result(0, 0), PROTOCOL)


def test_a_group_that_cannot_be_pooled_has_a_note_with_the_reason():
    bad = replace(PooledTrials(2, 60, 60), not_estimable="all effects of a trial are equal")
    made = result(with_ipd=2, difference=None)
    made = replace(made, with_ipd=bad)
    row = next(r for r in specify(made, CLINICS).rows if r.kind == "summary")
    assert row.mark is None
    assert row.cells[5] == "not estimable"
    text = " ".join(notes(made, CLINICS))
    assert "With data not estimable (all effects of a clinic are equal)." in text
    assert heterogeneity_line(bad) == ""


def test_notes_and_alternative_text_are_in_the_words_of_the_review():
    made = result()
    text, alt = " ".join(notes(made, CLINICS)), alt_text(made, CLINICS)
    for said in (text, alt):
        assert "trial" not in said.replace("trials reports", "")
    assert "Not in the plot, with participant data: no arm of the clinic (2)." in text
    assert text.count("Random effects, REML") == 1
    assert "I²=τ²/(τ²+typical variance within clinics)" in text
    assert CLINICS.data_note not in text
    assert notes(made, PROTOCOL)[-1] == PROTOCOL.data_note
    assert "8 clinics: pain intensity at short term" in alt
    assert "mean difference −4.2, 95% CI −8.9 to 0.5, crosses no effect (0); I² 61%" in alt
    assert "lies entirely above no effect" in alt


def test_a_note_runs_over_empty_cells_and_stands_in_no_row_of_numbers():
    figures = forest.draw(specify(result(), PROTOCOL))
    words = [text.get_text() for text in figures[0].axes[0].texts]
    assert words.count("τ²=12.3 (0.0 to 90.1); I²=61%; Q=8.8, P=0.03") == 3


def test_shown_in_a_document(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = draw(result(), PROTOCOL, label="fig-aggregate", caption="Published results.")
    assert shown.markdown.startswith("::: {#fig-aggregate}")
    assert shown.paths[0].is_file()
