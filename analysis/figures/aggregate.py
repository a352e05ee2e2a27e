"""Figure 2: published results, trials with participant data against trials without."""

from collections.abc import Iterator

from matplotlib.figure import Figure

from analysis.errors import ResultError
from analysis.figures import forest
from analysis.figures.aggregate_text import (
    SOURCES,
    alt_text,
    difference_line,
    heterogeneity_line,
    notes,
)
from analysis.figures.axis import Axis, Interval, span, ticks
from analysis.figures.references import reference_lines
from analysis.figures.rows import rows_html
from analysis.figures.show import ShownFigure, show_figure
from analysis.figures.specification import Column, Forest, Group, Mark, Model, Row
from analysis.figures.words import EFFECT_NAMES, NOT_ESTIMABLE, Words, percent_ci, words_of
from analysis.formats import DASH, count, in_units, number, with_interval
from analysis.protocol import Protocol
from analysis.results.eligible import AggregateForest, AggregateTrial, PooledTrials, Source
from analysis.results.estimates import ArmSummary

BLANK = ("",) * 6
PUBLISHED = Model("", "Difference between the published means, with its normal interval")


def draw(result: AggregateForest, protocol: Protocol, *, label: str, caption: str) -> ShownFigure:
    """Show the meta-analysis of published results, with notes and alternative text.

    Parameters
    ----------
    result, protocol
        What to show, and the plan that names its parts.
    label
        For cross-references, such as ``fig-aggregate``.
    caption
        Without the notes, which are added.
    """
    plot, alt = specify(result, protocol), alt_text(result, protocol)
    data_note = words_of(result, protocol).data_note
    return show_figure(
        forest.draw(plot),
        label=label,
        caption=caption,
        notes=notes(result, protocol),
        alt=alt,
        rows=rows_html(plot, label=label, alt=alt, notes=(data_note,)),
    )


def aggregate_forest(result: AggregateForest, protocol: Protocol) -> list[Figure]:
    """Draw the forest plot, on several pages when there are many trials.

    Raises
    ------
    ResultError
        No trial reports this outcome.
    """
    return forest.draw(specify(result, protocol))


def specify(result: AggregateForest, protocol: Protocol) -> Forest:
    """Turn the result into rows, columns and an axis."""
    words = words_of(result, protocol)
    if not result.trials:
        raise ResultError(
            f"No publication reports {words.outcome} of a treatment and of a comparison, so that "
            "there is no forest plot. Leave the figure out."
        )
    references = reference_lines("MD", words, overall=None, worthwhile=None)
    effect = f"{EFFECT_NAMES['MD']}\n({percent_ci(result.level)})"
    arms = [
        column
        for group in (words.treated, words.controls)
        for column in (Column("n", spanner=group), Column("mean (SD)", "parts", group))
    ]
    return Forest(
        columns=(
            Column(words.unit[0].capitalize(), "left"),
            *arms,
            Column(effect, "parts"),
            Column("Weight\n(%)"),
        ),
        plot_before=5,
        preset=protocol.forest_preset,
        groups=tuple(_groups(result, words)),
        axis=_axis(result, words),
        references=references,
        key=(
            ("square", f"{words.unit[0].capitalize()}, area by weight"),
            ("diamond", f"Pooled effect with {percent_ci(result.level)}"),
        ),
    )


def _groups(result: AggregateForest, words: Words) -> Iterator[Group]:
    largest = max((trial.weight for trial in result.trials), default=1.0) or 1.0
    groups: dict[Source, PooledTrials] = {
        "with_ipd": result.with_ipd,
        "without_ipd": result.without_ipd,
    }
    for source, pooled in groups.items():
        members = [trial for trial in result.trials if trial.source == source]
        if members:
            heading = Row((_heading(source, words), *BLANK), kind="heading")
            rows = [_trial_row(trial, words, largest) for trial in members]
            yield Group((*rows, *_pooled_rows("Pooled", pooled, words)), heading)
    if result.with_ipd.trials and result.without_ipd.trials:
        rows = _pooled_rows(f"All {words.unit[1]}", result.everyone, words)
        if result.difference:
            rows.append(_note(difference_line(result, words)))
        yield Group(tuple(rows))


def _heading(source: Source, words: Words) -> str:
    return f"{words.unit[1].capitalize()} {SOURCES[source]}"


def _trial_row(trial: AggregateTrial, words: Words, largest: float) -> Row:
    limits = trial.ci_low, trial.ci_high
    cells = (
        trial.label,
        *_arm_cells(trial.treated, words),
        *_arm_cells(trial.controls, words),
        with_interval(trial.estimate, *limits, words.places("MD")),
        number(trial.weight, 1) if trial.weight else DASH,
    )
    area = max(trial.weight / largest, 0.05)
    return Row(cells, Mark(trial.estimate, *limits, area=area), indent=1, model=PUBLISHED)


def _arm_cells(arm: ArmSummary, words: Words) -> tuple[str, str]:
    decimals = words.places("MD")
    return count(arm.n), f"{number(arm.mean, decimals)} ({number(arm.sd, decimals)})"


def _pooled_rows(label: str, pooled: PooledTrials, words: Words) -> list[Row]:
    """Make the row of a pooled effect and the line about its heterogeneity."""
    counts = count(pooled.treated), "", count(pooled.controls), ""
    mark = _diamond(pooled)
    if mark is None:
        cells = (label, *counts, NOT_ESTIMABLE, "")
        return [Row(cells, kind="summary")]
    effect = with_interval(mark.estimate, mark.low, mark.high, words.places("MD"))
    model = Model("", in_units(pooled.convention, words.unit))
    row = Row((label, *counts, effect, "100.0"), mark, kind="summary", model=model)
    line = heterogeneity_line(pooled)
    return [row, _note(line)] if line else [row]


def _note(text: str) -> Row:
    return Row((text, *BLANK), kind="note", indent=1)


def _diamond(pooled: PooledTrials) -> Mark | None:
    if pooled.estimate is None or pooled.ci_low is None or pooled.ci_high is None:
        return None
    low, high = pooled.prediction_low, pooled.prediction_high
    return Mark(
        pooled.estimate,
        pooled.ci_low,
        pooled.ci_high,
        "diamond",
        prediction=None if low is None or high is None else (low, high),
    )


def _axis(result: AggregateForest, words: Words) -> Axis:
    intervals: list[Interval] = [(trial.ci_low, trial.ci_high) for trial in result.trials]
    pooled = (_diamond(each) for each in (result.with_ipd, result.without_ipd, result.everyone))
    include = [0.0, *(limit for mark in pooled if mark for limit in (mark.low, mark.high))]
    low, high = span(intervals, include, "linear")
    sides = (f"Favours {words.treated.lower()}", "Favours comparison")
    favours = sides if words.higher == "worse" else sides[::-1]
    return Axis(low, high, ticks(low, high, "linear"), "linear", words.axis_label, favours)
