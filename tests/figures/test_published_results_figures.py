"""Figures of a review of published results show the numbers of their results."""

from dataclasses import replace
from math import pi
from pathlib import Path

import pytest

from analysis.aggregate_protocol import JUDGMENTS, AggregateProtocol, read_aggregate_protocol
from analysis.errors import RenderError
from analysis.figures import bubble, flow, funnel, influence, risk_of_bias, synthesis
from analysis.figures.lights import LIGHTS
from analysis.formats import in_words, unbroken
from analysis.results.extraction import Extraction, read_extraction
from analysis.results.published_trials import PublishedTrial, published_flow, published_trials
from analysis.results.synthesis import Synthesis
from analysis.results.synthesis import synthesis as pooled_synthesis
from analysis.results.trial_regression import trial_regression

EXAMPLE = Path(__file__).parents[2] / "examples" / "individualized-exercise"


@pytest.fixture(scope="module")
def plan() -> AggregateProtocol:
    return read_aggregate_protocol(EXAMPLE / "data" / "protocol.yml")


@pytest.fixture(scope="module")
def extraction(plan: AggregateProtocol) -> Extraction:
    return read_extraction(EXAMPLE, plan)


@pytest.fixture(scope="module")
def found(extraction: Extraction, plan: AggregateProtocol) -> Synthesis:
    return pooled_synthesis(
        extraction, plan, outcome="pain", follow_up="short", comparator="active"
    )


@pytest.fixture(scope="module")
def trials(extraction: Extraction, plan: AggregateProtocol) -> tuple[PublishedTrial, ...]:
    return published_trials(extraction, plan)


def test_the_forest_has_a_row_per_trial_and_a_diamond_per_group(
    found: Synthesis, plan: AggregateProtocol
) -> None:
    forest = synthesis.specify(found, plan)
    marks = [row.mark for row in forest.rows if row.mark]
    assert sum(mark.shape == "square" for mark in marks) == len(found.trials)
    diamonds = [mark for mark in marks if mark.shape == "diamond"]
    expected = [*(each.pooled for each in found.subgroups), found.pooled]
    assert [d.estimate for d in diamonds] == [each.estimate for each in expected]
    assert [d.prediction for d in diamonds] == [(e.pi_low, e.pi_high) for e in expected]
    summaries = [row.cells for row in forest.rows if row.kind == "summary"]
    assert summaries[-1][1:4:2] == ("2145", "2115")
    assert {row.cells[-1] for row in forest.rows if row.kind == "row"} <= set(plan.judgments)
    assert forest.axis.favours[0] == "Favours individualised exercise"


def test_a_line_about_heterogeneity_breaks_only_between_its_parts(found: Synthesis) -> None:
    parts = synthesis.heterogeneity_line(found.pooled).split(" ")
    assert [part[0] for part in parts] == ["τ", "I", "Q"]
    assert parts[2] == unbroken(f"Q={found.pooled.q:.1f}, P<0.001")


def test_a_forest_without_subgroups_is_one_group(found: Synthesis, plan: AggregateProtocol) -> None:
    forest = synthesis.specify(replace(found, subgroups=(), between=None), plan)
    assert len(forest.groups) == 1
    assert not any(row.kind == "heading" for row in forest.rows)


def test_notes_say_where_sds_came_from_and_that_data_are_synthetic(
    found: Synthesis, plan: AggregateProtocol
) -> None:
    said = " ".join(synthesis.notes(found, plan))
    imputed = sum(trial.sd_source == "imputed" for trial in found.trials)
    assert imputed > 0
    assert f"imputed in {in_words(imputed)} trial" in said
    assert plan.data_note in said
    real = plan.model_copy(update={"data_status": "real"})
    assert plan.data_note not in " ".join(synthesis.notes(found, real))


def test_every_judgment_has_a_colour_and_a_sign_of_its_own() -> None:
    assert set(LIGHTS) == {each for words in JUDGMENTS.values() for each in words}
    for words in JUDGMENTS.values():
        colours, signs = zip(*(LIGHTS[each] for each in words), strict=True)
        assert len(set(colours)) == len(set(signs)) == len(words)


def test_the_words_of_both_tools_are_known(
    trials: tuple[PublishedTrial, ...], plan: AggregateProtocol
) -> None:
    older = plan.model_copy(update={"risk_of_bias_tool": "RoB 1"})
    renamed = tuple(
        replace(
            trial,
            overall=trial.overall.replace("some concerns", "unclear"),
            risk_of_bias={
                key: value.replace("some concerns", "unclear")
                for key, value in trial.risk_of_bias.items()
            },
        )
        for trial in trials
    )
    assert risk_of_bias.counts_of(renamed, older)["Overall"]["unclear"] == 26
    assert risk_of_bias.traffic_lights(renamed, older)
    with pytest.raises(RenderError, match="some concerns"):
        risk_of_bias.counts_of(trials, older)


def test_judgments_are_counted(trials: tuple[PublishedTrial, ...], plan: AggregateProtocol) -> None:
    counted = risk_of_bias.counts_of(trials, plan)
    assert counted["Overall"] == {"low": 0, "some concerns": 26, "high": 32, "no information": 0}
    assert {sum(counts.values()) for counts in counted.values()} == {58}
    strange = replace(trials[0], overall="unclear")
    for wrong, said in (((strange,), "was given unclear"), ((), "no trial")):
        with pytest.raises(RenderError, match=said):
            risk_of_bias.counts_of(wrong, plan)


@pytest.mark.parametrize(("copies", "pages"), [(1, 1), (3, 2)])
def test_lights_are_shared_out_over_pages(
    trials: tuple[PublishedTrial, ...], plan: AggregateProtocol, copies: int, pages: int
) -> None:
    figures = risk_of_bias.traffic_lights(trials * copies, plan)
    assert len(figures) == pages
    texts = [text.get_text() for figure in figures for text in figure.axes[0].texts]
    assert sum(f"{trial.trial} {trial.year}" in texts for trial in trials) == len(trials)
    assert texts.count(trials[0].trial + f" {trials[0].year}") == copies


@pytest.mark.parametrize(
    ("number", "name", "columns"),
    [(58, "Zeder", 3), (40, "Zeder", 2), (58, "A trial with a long name", 2)],
)
def test_many_trials_with_short_names_stand_in_three_columns_of_lights(
    trials: tuple[PublishedTrial, ...],
    plan: AggregateProtocol,
    number: int,
    name: str,
    columns: int,
) -> None:
    renamed = (replace(trials[0], trial=name), *trials[1:number])
    (figure,) = risk_of_bias.traffic_lights(renamed, plan)
    texts = figure.axes[0].texts
    assert sum(text.get_text() == "Trial" for text in texts) == columns
    boxes = [text.get_window_extent() for text in texts if text.get_text() != "Trial"]
    signs = [text.get_window_extent() for text in texts if text.get_text() in {"+", "!", "×", "–"}]
    named = [box for box in boxes if box.width > 40]
    apart = [not box.overlaps(sign) for box in named for sign in signs]
    assert all(apart)
    assert len(apart) > number


def test_funnel_and_bubble_show_every_effect(
    found: Synthesis, extraction: Extraction, plan: AggregateProtocol
) -> None:
    (axes,) = funnel.funnel_plot([found], plan).axes
    points = max(
        (line for line in axes.lines),
        key=lambda line: line.get_markersize() * (line.get_marker() == "o"),
    )
    assert list(points.get_xdata()) == [trial.estimate for trial in found.trials]
    assert axes.get_ylim()[1] == 0
    result = trial_regression(extraction, plan, outcome="pain")
    drawn = {plot.predictor: plot for plot in result.plots}
    assert list(drawn) == ["weeks", "participants", "age"]
    (axes,) = bubble.bubble_plot({"pain": drawn["weeks"]}, plan).axes
    drawn_per_comparator = [len(each.get_offsets()) for each in axes.collections[1:]]
    assert drawn_per_comparator == [32, 32]
    assert sum(drawn_per_comparator) == result.effects
    heaviest = max(each.weight for each in drawn["weeks"].bubbles)
    for each, (comparator, full) in zip(
        axes.collections[1:], (("active", 1), ("passive", pi / 4)), strict=True
    ):
        weights = [b.weight for b in drawn["weeks"].bubbles if b.comparator == comparator]
        areas = each.get_sizes() / (full * bubble.LARGEST)  # of circles and of squares alike
        assert areas == pytest.approx([weight / heaviest for weight in weights])
    assert axes.get_xlabel() == "Training (weeks)"
    with pytest.raises(RenderError, match="only of age, participants, weeks"):
        bubble.draw([result], plan, predictor="exercise", label="fig-x", caption="X.")


def test_bubbles_have_the_shape_of_their_comparator(
    extraction: Extraction, plan: AggregateProtocol, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = trial_regression(extraction, plan, outcome="pain")
    plot = next(each for each in result.plots if each.predictor == "weeks")
    for kept, copies, said in (
        ({"active", "passive"}, 0, "Circles: other active exercise; squares: passive treatment or"),
        ({"passive"}, 0, ""),
        ({"active", "passive"}, 3, ""),  # more comparators than shapes
    ):
        bubbles = tuple(each for each in plot.bubbles if each.comparator in kept)
        changed = replace(result, plots=(replace(plot, bubbles=bubbles),))
        more = {f"copy{number}": plan.comparators["active"] for number in range(copies)}
        many = plan.model_copy(update={"comparators": {**plan.comparators, **more}})
        shown = bubble.draw([changed], many, predictor="weeks", label="fig-x", caption="X.")
        text = shown.markdown.replace("\\", "")
        assert said in text
        assert ("squares" in text) == bool(said)


def test_the_line_of_a_bubble_plot_has_the_slope_of_its_predictor(
    extraction: Extraction, plan: AggregateProtocol
) -> None:
    for plot in trial_regression(extraction, plan, outcome="pain").plots:
        (x0, y0, *_), (x1, y1, *_) = plot.line[0], plot.line[-1]
        slope = (y1 - y0) / (x1 - x0) * plot.slope.per
        assert slope == pytest.approx(plot.slope.estimate, rel=1e-9)


def test_tests_of_asymmetry_are_printed_or_refused(found: Synthesis) -> None:
    text = funnel.tests_text(found)
    assert text.startswith("Egger's regression test z=")
    assert "rank correlation" in text
    few = replace(found, egger=None, rank=None, trials=found.trials[:2])
    assert funnel.tests_text(few) == "no test of asymmetry with 2 trials"


def test_influence_marks_what_stands_out(found: Synthesis, plan: AggregateProtocol) -> None:
    figure = influence.influence_plot(found)
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == [f"{trial.trial} {trial.year}" for trial in found.trials]
    widths = [label.get_window_extent().x0 for label in figure.axes[0].get_yticklabels()]
    assert min(widths) >= 0
    for axes in figure.axes:  # no mark stands on the edge of its panel
        low, high = axes.get_xlim()
        marks = [line.get_xdata()[0] for line in axes.lines if line.get_marker() in {"D", "o"}]
        assert min(marks) - low > 0.05 * (high - low) < high - max(marks)
    diamonds = [line for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert len(diamonds) == sum(each.outlier or each.influential for each in found.influence) > 0
    with pytest.raises(RenderError, match="too few to see"):
        influence.influence_plot(replace(found, influence=()))
    with pytest.raises(RenderError, match="too few to see"):
        influence.draw(replace(found, influence=()), plan, label="fig-x", caption="X.")


def test_influence_notes_name_the_trials_and_the_lines(
    found: Synthesis, plan: AggregateProtocol, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = influence.draw(found, plan, label="fig-x", caption="X.").markdown
    said = said.replace("\\", "")
    assert "Marked: Dahlen 2013." in said
    assert "Dashed line: pooled effect of all trials; bars: 95% CI." in said


def test_the_flow_names_every_step(extraction: Extraction, plan: AggregateProtocol) -> None:
    texts = [
        text.get_text()
        for text in flow.flow_diagram(published_flow(extraction, plan), plan).axes[0].texts
    ]
    for words in (
        "Records screened",
        "Reports assessed for eligibility",
        "Reports excluded",
        "Included in the review",
        "1172\N{NO-BREAK SPACE}records",
    ):
        assert words in texts
