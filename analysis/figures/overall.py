"""The forest plot of overall effects: few rows, each with its prediction interval."""

from collections.abc import Sequence
from itertools import groupby

from matplotlib.figure import Figure

from analysis.errors import ResultError
from analysis.figures import forest
from analysis.figures.axis import Axis, Interval, span, ticks
from analysis.figures.models import model_of
from analysis.figures.references import reference_lines
from analysis.figures.rows import rows_html
from analysis.figures.show import ShownFigure, show_figure
from analysis.figures.specification import Column, Forest, Group, Mark, Row
from analysis.figures.words import (
    EFFECT_NAMES,
    SCALES,
    Words,
    effect_cell,
    effect_sentence,
    made_as,
    percent_ci,
    words_of,
)
from analysis.formats import DASH, count, interval
from analysis.protocol import Protocol
from analysis.results.estimates import Measure, OverallEffect
from analysis.results.suppression import shown_of

AREA = 0.4  # of all squares alike: the rows are few, and participants have columns


def draw(
    results: Sequence[OverallEffect], protocol: Protocol, *, label: str, caption: str
) -> ShownFigure:
    """Show the forest plot of overall effects in a document, with notes and alternative text.

    Parameters
    ----------
    results, protocol
        What to show, and the plan that names its parts.
    label
        For cross-references, such as ``fig-overall``.
    caption
        Without the notes, which are added.
    """
    plot, alt = specify(results, protocol), alt_text(results, protocol)
    data_note = words_of(results[0], protocol).data_note
    return show_figure(
        forest.draw(plot),
        label=label,
        caption=caption,
        notes=notes(results, protocol),
        alt=alt,
        rows=rows_html(plot, label=label, alt=alt, notes=(data_note,)),
    )


def overall_forest(results: Sequence[OverallEffect], protocol: Protocol) -> list[Figure]:
    """Draw the overall effects, grouped by outcome and follow-up in the order given.

    Raises
    ------
    ResultError
        There is no result, or differences and ratios are mixed, which no axis can hold.
    """
    return forest.draw(specify(results, protocol))


def specify(results: Sequence[OverallEffect], protocol: Protocol) -> Forest:
    """Turn the results into rows, columns and an axis."""
    measure = _measure(results, protocol)
    words = words_of(results[0], protocol)
    groups = tuple(
        _group(tuple(members), protocol)
        for _, members in groupby(results, key=lambda r: (r.outcome, r.follow_up))
    )
    references = reference_lines(measure, words, overall=None, worthwhile=None)
    ci = percent_ci(results[0].effect.level)
    marks = [row.mark for group in groups for row in group.rows if row.mark]
    return Forest(
        columns=(
            Column("Comparison", "left"),
            Column(words.unit[1].capitalize()),
            Column("Treated", spanner="Participants"),
            Column("Controls", spanner="Participants"),
            Column(f"{EFFECT_NAMES[measure]}\n({ci})", "parts"),
            Column(f"{ci.replace('CI', 'prediction')}\ninterval", "parts"),
        ),
        plot_before=4,
        preset=protocol.forest_preset,
        groups=groups,
        axis=_axis(marks, measure, words),
        references=references,
        key=(("square", f"Effect with {ci}"),) if marks else (),
    )


def alt_text(results: Sequence[OverallEffect], protocol: Protocol) -> str:
    """Describe the plot, one sentence per effect, for a reader who cannot see it."""
    sentences = [f"Forest plot of {count(len(results))} overall effects"]
    for result in results:
        words = words_of(result, protocol)
        decimals = words.places(result.effect.measure)
        text = f"{words.outcome}, against {protocol.comparisons[result.comparison].label}: "
        text = text[:1].upper() + text[1:] + effect_sentence(result.effect, decimals)
        if result.prediction_low is not None:
            limits = interval(result.prediction_low, result.prediction_high, decimals)
            text += f"; prediction interval {limits}"
        sentences.append(text)
    return ". ".join(sentences) + "."


def notes(results: Sequence[OverallEffect], protocol: Protocol) -> tuple[str, ...]:
    """Sentences that belong under the plot: what is not estimable and why, how intervals arose."""
    missing = [
        f"{words_of(r, protocol).outcome} against {protocol.comparisons[r.comparison].label} "
        f"({r.effect.not_estimable})"
        for r in results
        if r.effect.estimate is None
    ]
    found = [f"Not estimable: {'; '.join(missing)}."] if missing else []
    made = [r.effect.convention for r in results] + [r.prediction for r in results]
    found += made_as([*(text for r in results for text in r.effect.warnings), *made])
    data_note = words_of(results[0], protocol).data_note
    return (*found, data_note) if data_note else tuple(found)


def _measure(results: Sequence[OverallEffect], protocol: Protocol) -> Measure:
    """Return the one measure of all results, whose benefit must lie on the same side."""
    kinds = {(r.effect.measure, protocol.outcomes[r.outcome].high_effect) for r in results}
    if len(kinds) != 1:
        found = " and ".join(sorted(f"{m} where higher is {h}" for m, h in kinds)) or "no result"
        raise ResultError(
            "The overall effects of a forest plot share an axis, so they must be of one measure "
            f"with benefit on the same side, but the figure was given {found}. Draw one figure "
            "for each kind."
        )
    return kinds.pop()[0]


def _group(results: tuple[OverallEffect, ...], protocol: Protocol) -> Group:
    first = results[0]
    outcome, follow_up = protocol.outcomes[first.outcome], protocol.follow_ups[first.follow_up]
    unit = f" ({outcome.unit})" if outcome.unit and first.effect.measure == "MD" else ""
    heading = Row((f"{outcome.label}, {follow_up.label}{unit}", *[""] * 5), kind="heading")
    return Group(tuple(_row(result, protocol) for result in results), heading)


def _row(result: OverallEffect, protocol: Protocol) -> Row:
    effect, words = result.effect, words_of(result, protocol)
    decimals = words.places(effect.measure)
    prediction = (
        DASH
        if result.prediction_low is None
        else interval(result.prediction_low, result.prediction_high, decimals)
    )
    cells = (
        f"v {protocol.comparisons[result.comparison].label}",
        count(effect.trials),
        *shown_of((effect.treated, effect.controls), words.minimum),
        effect_cell(effect, words),
        prediction,
    )
    return Row(cells, _mark(result, words), indent=1, model=model_of(effect, words))


def _mark(result: OverallEffect, words: Words) -> Mark | None:
    effect, low, high = result.effect, result.prediction_low, result.prediction_high
    if effect.estimate is None or effect.ci_low is None or effect.ci_high is None:
        return None
    worthwhile = result.worthwhile
    return Mark(
        effect.estimate,
        effect.ci_low,
        effect.ci_high,
        area=AREA,
        prediction=None if low is None or high is None else (low, high),
        worthwhile=None if worthwhile is None else words.worthwhile(worthwhile, effect.measure),
    )


def _axis(marks: Sequence[Mark], measure: Measure, words: Words) -> Axis:
    scale, null = SCALES[measure], 1.0 if measure == "OR" else 0.0
    intervals: list[Interval] = [(mark.low, mark.high) for mark in marks]
    include = [null, *(mark.worthwhile for mark in marks if mark.worthwhile is not None)]
    include += [limit for mark in marks if mark.prediction for limit in mark.prediction]
    low, high = span(intervals, include, scale)
    sides = (f"Favours {words.treated.lower()}", "Favours comparison")
    favours = sides if words.higher == "worse" else sides[::-1]
    return Axis(low, high, ticks(low, high, scale), scale, "", favours, null)
