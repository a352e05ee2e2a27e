"""Overall effects and moderators of outcomes on different scales, on one axis from 0 to 100."""

from collections.abc import Sequence
from itertools import groupby

from matplotlib.figure import Figure

from analysis.figures import forest
from analysis.figures.axis import Axis, Interval, span, ticks
from analysis.figures.rows import rows_html
from analysis.figures.show import ShownFigure, show_figure
from analysis.figures.specification import Column, Forest, Group, Mark, Reference, Row, Shape
from analysis.figures.words import made_as
from analysis.formats import count, p_value, with_interval
from analysis.protocol import Protocol
from analysis.results.estimates import OverallEffect
from analysis.results.labels import in_sentence, interaction_decimals
from analysis.results.moderators import Moderator, to_percent

AREA = 0.4
NOTHING = "not estimable"
__all__ = ["draw_moderators", "draw_overall", "moderator_forest", "overall_forest"]


def draw_overall(
    results: Sequence[OverallEffect], protocol: Protocol, *, label: str, caption: str
) -> ShownFigure:
    """Show overall effects by outcome and follow-up (Hee 2021, Fig. 1).

    Parameters
    ----------
    results, protocol
        Effects of one comparison, and the plan.
    label, caption
        For cross-references, and without the notes, which are added.
    """
    plot, alt = _overall_plot(results, protocol), _overall_alt(results, protocol)
    return show_figure(
        forest.draw(plot),
        label=label,
        caption=caption,
        notes=_overall_notes(results, protocol),
        alt=alt,
        rows=rows_html(plot, label=label, alt=alt, notes=_data(protocol)),
    )


def overall_forest(results: Sequence[OverallEffect], protocol: Protocol) -> list[Figure]:
    """Draw a row for each follow-up of each outcome."""
    return forest.draw(_overall_plot(results, protocol))


def _overall_plot(results: Sequence[OverallEffect], protocol: Protocol) -> Forest:
    ci = f"{100 * protocol.model.level:g}% CI"
    groups = [
        Group(
            tuple(_overall_row(each, protocol) for each in members),
            Row((_scaled_label(outcome, protocol), "", "", "", "", ""), kind="heading"),
        )
        for outcome, members in groupby(results, key=lambda each: each.outcome)
    ]
    marks = [row.mark for group in groups for row in group.rows if row.mark]
    treatment = in_sentence(protocol.treatment_label(results[0].comparison))
    sides = ("Favours control", f"Favours {treatment}")
    return Forest(
        columns=(
            Column("Outcome", "left"),
            Column("m"),
            Column("nC", spanner="Participants"),
            Column("nI", spanner="Participants"),
            Column(f"Effect, 0-100\n({ci})", "parts"),
            Column(f"Effect, own scale\n({ci})", "parts"),
        ),
        plot_before=4,
        preset=protocol.forest_preset,
        groups=tuple(groups),
        axis=_axis(marks, sides, "Difference in change, 0-100"),
        references=(Reference(0.0, "No effect (0)", "null"),),
        key=(("square", f"Effect with {ci}"),),
    )


def _scaled_label(outcome: str, protocol: Protocol) -> str:
    plan = protocol.outcomes[outcome]
    if plan.scale is None:
        return plan.label
    low, high = (f"{end:g}".replace("-", "\N{MINUS SIGN}") for end in plan.scale)
    return f"{plan.label} ({low} to {high})"


def _overall_row(result: OverallEffect, protocol: Protocol) -> Row:
    effect, plan = result.effect, protocol.outcomes[result.outcome]
    own, hundred, mark = "", NOTHING, None
    if effect.estimate is not None and effect.ci_low is not None and effect.ci_high is not None:
        estimate, low, high = effect.estimate, effect.ci_low, effect.ci_high
        own = with_interval(estimate, low, high, plan.decimals)
        estimate, low, high = (to_percent(plan) * each for each in (estimate, low, high))
        hundred = with_interval(estimate, low, high)
        mark = Mark(estimate, low, high, area=AREA)
    follow_up = protocol.follow_ups[result.follow_up].label
    cells = (
        follow_up[:1].upper() + follow_up[1:],
        count(effect.contrast_trials),
        count(effect.controls),
        count(effect.treated),
        hundred,
        own,
    )
    return Row(cells, mark, indent=1)


def _axis(marks: Sequence[Mark], sides: tuple[str, str], label: str) -> Axis:
    intervals: list[Interval] = [(mark.low, mark.high) for mark in marks]
    low, high = span(intervals, [0.0], "linear")
    return Axis(low, high, ticks(low, high, "linear"), "linear", label, sides, 0.0)


def _overall_notes(results: Sequence[OverallEffect], protocol: Protocol) -> tuple[str, ...]:
    missing = [
        f"{protocol.outcomes[r.outcome].label} at {protocol.follow_ups[r.follow_up].label} "
        f"({r.effect.not_estimable})"
        for r in results
        if r.effect.estimate is None
    ]
    meaning = (
        "m=trials with both arms; nC, nI=participants in control and intervention arms. Outcomes "
        "are changes from baseline, positive=improvement; each scale was stretched to 0-100 for "
        "the plot."
    )
    said = [meaning, *([f"Not estimable: {'; '.join(missing)}."] if missing else [])]
    said += made_as(r.effect.convention for r in results)
    return (*said, *_data(protocol))


def _data(protocol: Protocol) -> tuple[str, ...]:
    return (protocol.data_note,) if protocol.data_status == "synthetic" else ()


def _overall_alt(results: Sequence[OverallEffect], protocol: Protocol) -> str:
    sentences = [f"Forest plot of {count(len(results))} overall effects on scales from 0 to 100"]
    for result in results:
        row = _overall_row(result, protocol)
        place = f"{protocol.outcomes[result.outcome].label}, {row.cells[0].lower()}"
        sentences.append(f"{place}: {row.cells[4]}")
    return ". ".join(sentences) + "."


def draw_moderators(
    rows: Sequence[Moderator], protocol: Protocol, *, label: str, caption: str
) -> ShownFigure:
    """Show interactions by outcome (Hee 2021, Fig. 2).

    Parameters
    ----------
    rows, protocol
        Interactions to show, those of an outcome together, and the plan.
    label, caption
        For cross-references, and without the notes, which are added.
    """
    plot, alt = _moderator_plot(rows, protocol), _moderator_alt(rows, protocol)
    return show_figure(
        forest.draw(plot),
        label=label,
        caption=caption,
        notes=_moderator_notes(protocol),
        alt=alt,
        rows=rows_html(plot, label=label, alt=alt, notes=_data(protocol)),
    )


def moderator_forest(rows: Sequence[Moderator], protocol: Protocol) -> list[Figure]:
    """Draw a row for each interaction; weakly significant ones are hollow."""
    return forest.draw(_moderator_plot(rows, protocol))


def _moderator_plot(rows: Sequence[Moderator], protocol: Protocol) -> Forest:
    ci = f"{100 * protocol.model.level:g}% CI"
    groups = [
        Group(
            tuple(_moderator_row(each, protocol) for each in members),
            Row((protocol.outcomes[outcome].label, "", "", "", "", ""), kind="heading"),
        )
        for outcome, members in groupby(rows, key=lambda each: each.outcome)
    ]
    marks = [row.mark for group in groups for row in group.rows if row.mark]
    return Forest(
        columns=(
            Column("Moderator", "left"),
            Column("m"),
            Column("n"),
            Column(f"Interaction, 0-100\n({ci})", "parts"),
            Column(f"Own scale\n({ci})", "parts"),
            Column("P"),
        ),
        plot_before=3,
        preset=protocol.forest_preset,
        groups=tuple(groups),
        axis=_axis(marks, ("Smaller benefit", "Greater benefit"), "Change of effect, 0-100"),
        references=(Reference(0.0, "No interaction (0)", "null"),),
        key=(("square", "P<0.05"), ("hollow", "P from 0.05 to 0.20")),
    )


def _moderator_row(row: Moderator, protocol: Protocol) -> Row:
    decimals = interaction_decimals(protocol.outcomes[row.outcome])
    own = (row.own.estimate, row.own.ci_low, row.own.ci_high)
    cells = (
        _moderator_label(row, protocol),
        count(row.own.contrast_trials),
        count(row.own.participants),
        with_interval(row.estimate, row.ci_low, row.ci_high),
        with_interval(*own, decimals),
        p_value(row.p),
    )
    shape: Shape = "square" if row.significant else "hollow"
    return Row(cells, Mark(row.estimate, row.ci_low, row.ci_high, shape, AREA), indent=1)


def _moderator_label(row: Moderator, protocol: Protocol) -> str:
    plan = protocol.modifiers[row.modifier]
    label = plan.label.partition(" (")[0]
    if plan.baseline_of:
        label = f"Baseline {label[:1].lower() + label[1:] if label[1:2].islower() else label}"
    if not row.level:
        return label
    reference = in_sentence(plan.levels[plan.reference or ""])
    return f"{label}: {in_sentence(plan.levels[row.level])} v {reference}"


def _moderator_notes(protocol: Protocol) -> tuple[str, ...]:
    meaning = (
        "m=trials with both arms; n=participants. Interaction: change of the effect per SD of a "
        "continuous moderator, or against the reference level, within trials, with the outcome "
        "stretched to 0-100; own scale: per unit of the moderator. Positive=greater benefit with "
        "higher values. P of several levels is of all together."
    )
    return (meaning, *_data(protocol))


def _moderator_alt(rows: Sequence[Moderator], protocol: Protocol) -> str:
    sentences = [f"Forest plot of {count(len(rows))} interactions"]
    for row in rows:
        cells = _moderator_row(row, protocol).cells
        outcome = protocol.outcomes[row.outcome].label
        p = cells[5] if cells[5][0] in "<>" else f"={cells[5]}"
        sentences.append(f"{outcome}, {cells[0]}: {cells[3]}, P{p}")
    return ". ".join(sentences) + "."
