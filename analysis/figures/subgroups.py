"""The subgroup forest plot: the effect at every level of each modifier (Hayden 2020, Fig. 3-5)."""

from dataclasses import replace

from matplotlib.figure import Figure

from analysis.errors import ResultError
from analysis.figures import forest
from analysis.figures.axis import Axis, Interval, span, ticks
from analysis.figures.models import model_of
from analysis.figures.references import reference_lines
from analysis.figures.rows import rows_html
from analysis.figures.show import ShownFigure, show_figure
from analysis.figures.specification import Column, Forest, Group, Mark, Reference, Row, Shape
from analysis.figures.subgroup_text import NO_BREAK, ONE_TRIAL, alt_text, notes, rests_on_one_trial
from analysis.figures.words import (
    EFFECT_NAMES,
    NO_WORDS,
    NOT_ESTIMABLE,
    SCALES,
    Words,
    effect_cell,
    percent_ci,
    words_of,
)
from analysis.formats import DASH, count, number, p_value
from analysis.protocol import Protocol
from analysis.results.estimates import (
    ArmSummary,
    Estimate,
    Measure,
    SubgroupBlock,
    SubgroupForest,
    SubgroupLevel,
)
from analysis.results.suppression import ShownArm, shown_arms, without_few

__all__ = ["alt_text", "draw", "notes", "specify", "subgroup_forest"]


def draw(
    result: SubgroupForest,
    protocol: Protocol,
    *,
    label: str,
    caption: str,
    favours: tuple[str, str] | None = None,
    limits: Interval | None = None,
) -> ShownFigure:
    """Show the subgroup forest plot in a document, with its notes and its alternative text.

    Parameters
    ----------
    result, protocol
        What to show, and the plan that names its parts.
    label
        For cross-references, such as ``fig-pain``.
    caption
        Without the notes, which are added.
    favours
        Words under the left and the right side of the axis; None to name the two groups.
    limits
        Ends of the effect axis; None to choose them from the intervals.
    """
    words = replace(words_of(result, protocol), favours=favours)
    result = without_few(result, words.minimum)
    plot, alt = specify(result, words=words, limits=limits), alt_text(result, words=words)
    return show_figure(
        forest.draw(plot),
        label=label,
        caption=caption,
        notes=notes(result, words=words),
        alt=alt,
        rows=rows_html(plot, label=label, alt=alt, notes=(words.data_note,)),
    )


def subgroup_forest(
    result: SubgroupForest, *, words: Words = NO_WORDS, limits: Interval | None = None
) -> list[Figure]:
    """Draw the subgroup forest plot, on several pages when there are many levels.

    Raises
    ------
    ResultError
        The result holds no modifier.
    """
    return forest.draw(specify(result, words=words, limits=limits))


def specify(
    result: SubgroupForest, *, words: Words = NO_WORDS, limits: Interval | None = None
) -> Forest:
    """Turn the result into rows, columns and an axis."""
    if not result.blocks:
        raise ResultError(
            f"The subgroup forest plot of {result.outcome!r} needs at least one modifier, but its "
            "result holds none. Name modifiers in data/protocol.yml, or leave the figure out."
        )
    sizes = (level.effect.participants for b in result.blocks for level in b.levels)
    largest = max(sizes, default=1)
    groups = [_group(block, result.measure, words, largest=largest) for block in result.blocks]
    overall = Group((_overall_row(result, words),))
    references = _references(result, words)
    return Forest(
        columns=_columns(result, words),
        plot_before=6 if result.measure == "MD" else 4,
        preset=words.preset,
        groups=(*groups, overall),
        axis=_axis(result, words, references, limits),
        references=references,
        key=_key(result, words),
    )


def _columns(result: SubgroupForest, words: Words) -> tuple[Column, ...]:
    columns = [Column("Characteristic", "left"), Column(words.unit[1].capitalize())]
    for group in (words.treated, words.controls):
        if result.measure == "MD":
            columns += [Column("n", spanner=group), Column("mean (SD)", "parts", group)]
        else:
            columns += [Column("events / n", "parts", group)]
    header = f"{EFFECT_NAMES[result.measure]}\n({percent_ci(result.overall.level)})"
    return (*columns, Column(header, "parts"), Column("Inter-\naction\nP"))


def _group(block: SubgroupBlock, measure: Measure, words: Words, *, largest: int) -> Group:
    rows = tuple(
        _level_row(level, arms, measure, words, largest=largest)
        for level, arms in zip(block.levels, shown_arms(block.levels, words.minimum), strict=True)
    )
    empty = ("",) * (5 if measure == "MD" else 3)
    effect = "" if rows else NOT_ESTIMABLE
    heading = Row((block.label, *empty, effect, p_value(block.interaction_p)), kind="heading")
    return Group(rows, heading)


def _level_row(
    level: SubgroupLevel,
    arms: tuple[ShownArm, ShownArm],
    measure: Measure,
    words: Words,
    *,
    largest: int,
) -> Row:
    effect = level.effect
    one_trial = rests_on_one_trial(effect)
    # The area of a mark is exact in the file: of a withheld number it must not speak.
    size = effect.participants if all(arm.open for arm in arms) else words.minimum
    cells = (
        f"{level.label}{NO_BREAK}{ONE_TRIAL}" if one_trial else level.label,
        count(effect.trials),
        *_arm_cells(level.treated, arms[0], measure, words),
        *_arm_cells(level.controls, arms[1], measure, words),
        effect_cell(effect, words),
        "",
    )
    shape: Shape = "hollow" if one_trial else "square"
    mark = _mark(effect, shape, size / max(largest, 1))
    return Row(cells, mark, indent=1, model=model_of(effect, words))


def _arm_cells(arm: ArmSummary, shown: ShownArm, measure: Measure, words: Words) -> tuple[str, ...]:
    if measure == "OR":
        return (f"{shown.events} / {shown.n}",)
    if arm.mean is None:
        return (shown.n, DASH)
    decimals = words.places(measure)
    return (shown.n, f"{number(arm.mean, decimals)} ({number(arm.sd, decimals)})")


def _overall_row(result: SubgroupForest, words: Words) -> Row:
    overall = result.overall
    arms = [
        _arm_cells(ArmSummary(n), ShownArm(count(n), DASH, open=True), result.measure, words)
        for n in (overall.treated, overall.controls)
    ]
    cells = ("Overall", count(overall.trials), *arms[0], *arms[1], effect_cell(overall, words), "")
    mark = _mark(overall, "diamond", 1.0)
    return Row(cells, mark, kind="summary", model=model_of(overall, words))


def _mark(effect: Estimate, shape: Shape, area: float) -> Mark | None:
    if effect.estimate is None or effect.ci_low is None or effect.ci_high is None:
        return None
    return Mark(effect.estimate, effect.ci_low, effect.ci_high, shape, area)


def _axis(
    result: SubgroupForest,
    words: Words,
    references: tuple[Reference, ...],
    limits: Interval | None,
) -> Axis:
    scale = SCALES[result.measure]
    effects = [level.effect for block in result.blocks for level in block.levels]
    marks = [_mark(effect, "square", 1.0) for effect in (*effects, result.overall)]
    intervals = [(mark.low, mark.high) for mark in marks if mark]
    low, high = limits or span(intervals, [line.value for line in references], scale)
    return Axis(
        low,
        high,
        ticks(low, high, scale),
        scale,
        words.axis_label,
        words.sides(),
        result.overall.null,
    )


def _references(result: SubgroupForest, words: Words) -> tuple[Reference, ...]:
    return reference_lines(
        result.measure, words, overall=result.overall.estimate, worthwhile=result.worthwhile
    )


def _key(result: SubgroupForest, words: Words) -> tuple[tuple[Shape, str], ...]:
    ci = percent_ci(result.overall.level)
    effects = [level.effect for block in result.blocks for level in block.levels]
    found: list[tuple[Shape, str]] = []
    if any(e.estimate is not None and not rests_on_one_trial(e) for e in effects):
        found.append(("square", f"Effect with {ci}; area: participants"))
    if any(rests_on_one_trial(effect) for effect in effects):
        found.append(("hollow", f"{ONE_TRIAL} One {words.unit[0]} only"))
    if result.overall.estimate is not None:
        found.append(("diamond", f"Overall effect with {ci}"))
    return tuple(found)
