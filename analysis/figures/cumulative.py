"""The cumulative meta-analysis: the pooled effect as the data of each trial arrived."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from analysis.errors import ResultError
from analysis.figures import forest
from analysis.figures.axis import Axis, span, ticks
from analysis.figures.references import reference_lines
from analysis.figures.show import ShownFigure, show_figure
from analysis.figures.specification import Column, Forest, Group, Mark, Row
from analysis.figures.words import (
    EFFECT_NAMES,
    SCALES,
    Words,
    made_as,
    percent_ci,
    words_of,
)
from analysis.formats import DASH, count, listing, number, with_interval
from analysis.protocol import Protocol
from analysis.results.cumulative import Cumulative, CumulativeStep

SHORTEST = 3  # trials from which on an interval may set the axis: that of two is endless


def draw(
    results: Sequence[Cumulative], protocol: Protocol, *, label: str, caption: str
) -> ShownFigure:
    """Show the cumulative meta-analyses of one outcome, a group of rows for each comparison."""
    return show_figure(
        cumulative_forest(results, protocol),
        label=label,
        caption=caption,
        notes=notes(results, protocol),
        alt=alt_text(results, protocol),
    )


def cumulative_forest(results: Sequence[Cumulative], protocol: Protocol) -> list[Figure]:
    """Draw one row per trial: what it and all before it say together.

    Raises
    ------
    ResultError
        When there is no result, or outcomes are mixed.
    """
    outcomes = {each.outcome for each in results}
    if len(outcomes) != 1:
        found = listing(sorted(outcomes)) or "no result"
        raise ResultError(
            f"A cumulative forest plot shows one outcome, but was given {found}. Draw a figure "
            "for each."
        )
    return forest.draw(specify(results, protocol))


def specify(results: Sequence[Cumulative], protocol: Protocol) -> Forest:
    """Turn the results into rows, columns and an axis."""
    first = results[0]
    words = words_of(first, protocol)
    name = f"{EFFECT_NAMES[first.measure]}\n({percent_ci(first.level)})"
    return Forest(
        columns=(
            Column(f"Up to this {words.unit[0]}", "left"),
            Column("Arrived"),
            Column("n"),
            Column(name, "parts"),
            Column("τ²"),
            Column("Information"),
        ),
        plot_before=3,
        preset=protocol.forest_preset,
        groups=tuple(_group(each, words, protocol) for each in results if each.steps),
        axis=_axis(results, words),
        references=reference_lines(
            first.measure, words, overall=None, worthwhile=_common_size(results)
        ),
        key=(("square", f"Pooled effect of all so far with {percent_ci(first.level)}"),),
    )


def _common_size(results: Sequence[Cumulative]) -> float | None:
    """Smallest worthwhile effect when it is the same for all in print; no line otherwise."""
    sizes = {round(each.worthwhile, 2) for each in results if each.worthwhile is not None}
    return sizes.pop() if len(sizes) == 1 else None


def _group(result: Cumulative, words: Words, protocol: Protocol) -> Group:
    about = f"v {protocol.comparisons[result.comparison].label}"
    follow_up = protocol.follow_ups[result.follow_up].label
    heading = Row((f"{about}, {follow_up}", *[""] * 5), kind="heading")
    rows = [
        _row(step, result, words, protocol.minimum_cell, alone=number == 0)
        for number, step in enumerate(result.steps)
    ]
    return Group(tuple(rows), heading)


def _row(
    step: CumulativeStep, result: Cumulative, words: Words, minimum: int, *, alone: bool
) -> Row:
    decimals = words.places(result.measure)
    cells = (
        step.label if alone else f"+ {step.label}",
        step.arrived,
        count(step.participants) if step.participants >= minimum else f"<{minimum}",
        with_interval(step.estimate, step.ci_low, step.ci_high, decimals),
        DASH if step.tau2 is None else number(step.tau2, decimals),
        DASH if step.share is None else f"{100 * step.share:.0f}%",
    )
    mark = Mark(step.estimate, step.ci_low, step.ci_high, area=0.4)
    return Row(cells, mark, indent=1)


def _axis(results: Sequence[Cumulative], words: Words) -> Axis:
    measure = results[0].measure
    scale, null = SCALES[measure], 1.0 if measure == "OR" else 0.0
    intervals = [
        (step.ci_low, step.ci_high)
        for result in results
        for number, step in enumerate(result.steps, start=1)
        if number >= SHORTEST or number == len(result.steps)
    ]
    low, high = span(intervals, [null], scale)
    return Axis(low, high, ticks(low, high, scale), scale, words.axis_label, words.sides(), null)


def notes(results: Sequence[Cumulative], protocol: Protocol) -> tuple[str, ...]:
    """Say what a row is, which trials have no estimate, and how intervals arose."""
    unit = protocol.unit[1]
    found = [
        (
            f"Each row pools all {unit} down to it, in the order in which their data arrived; "
            "those without a day of arrival come first, by year of publication. Information: 1/SE² "
            "over what is needed to detect the smallest worthwhile effect with 90% power."
        ),
        *made_as(each.convention for each in results),
    ]
    for each in results:
        if each.left_out:
            against = protocol.comparisons[each.comparison].label
            found.append(f"No estimate of their own v {against}: {listing(list(each.left_out))}.")
    data_note = protocol.data_note if protocol.data_status == "synthetic" else ""
    return (*found, data_note) if data_note else tuple(found)


def alt_text(results: Sequence[Cumulative], protocol: Protocol) -> str:
    """Describe the plot: where each series starts and ends."""
    sentences = []
    for result in results:
        words = words_of(result, protocol)
        decimals = words.places(result.measure)
        about = f"{words.outcome} against {protocol.comparisons[result.comparison].label}"
        if not result.steps:
            sentences.append(f"No {words.unit[0]} has an estimate of {about}")
            continue
        first, last = result.steps[0], result.steps[-1]
        sentences.append(
            f"Cumulative {EFFECT_NAMES[result.measure].lower()} for {about}: "
            f"{number(first.estimate, decimals)} with {first.label}, "
            f"{with_interval(last.estimate, last.ci_low, last.ci_high, decimals)} after "
            f"{len(result.steps)} {words.unit[len(result.steps) != 1]}"
        )
    return ". ".join(sentences) + "."
