"""The forest plot of one synthesis of published results, in subgroups of trials."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.aggregate_protocol import AggregateProtocol
from analysis.figures import forest
from analysis.figures.axis import Axis, span, ticks
from analysis.figures.lights import LIGHTS
from analysis.figures.rows import rows_html
from analysis.figures.show import ShownFigure, show_figure
from analysis.figures.specification import Column, Forest, Group, Mark, Model, Reference, Row
from analysis.figures.words import lower_first, percent_ci, side_of
from analysis.formats import (
    count,
    in_words,
    interval,
    listing,
    number,
    p_text,
    unbroken,
    with_interval,
)

if TYPE_CHECKING:  # they bring the statistics with them, which other figures do not need
    from analysis.pooling import PooledEffect
    from analysis.results.synthesis import ArmResult, Synthesis, SynthesisTrial

DECIMALS = 2
FOLLOWING = ("",) * 7
PUBLISHED = Model("", "Hedges' g of the published means and SDs, with its normal interval")


def draw(
    result: "Synthesis", protocol: AggregateProtocol, *, label: str, caption: str
) -> ShownFigure:
    """Show one synthesis, with notes and alternative text.

    Parameters
    ----------
    result, protocol
        What to show, and the plan that names its parts.
    label
        For cross-references, such as ``fig-pain``.
    caption
        Without the notes, which are added.
    """
    plot, alt = specify(result, protocol), alt_text(result, protocol)
    data_note = protocol.data_note if protocol.data_status == "synthetic" else ""
    return show_figure(
        forest.draw(plot),
        label=label,
        caption=caption,
        notes=notes(result, protocol),
        alt=alt,
        rows=rows_html(plot, label=label, alt=alt, notes=(data_note,)),
    )


def specify(result: "Synthesis", protocol: AggregateProtocol) -> Forest:
    """Turn the result into rows, columns and an axis."""
    treated, controls = "Treated", "Controls"
    arms = [
        column
        for group in (treated, controls)
        for column in (Column("n", spanner=group), Column("mean (SD)", "parts", group))
    ]
    level = percent_ci(protocol.pooling.level)
    return Forest(
        columns=(
            Column(protocol.unit[0].capitalize(), "left"),
            *arms,
            Column(f"SMD\n({level})", "parts"),
            Column("Weight\n(%)"),
            Column("Bias", "light"),
        ),
        plot_before=5,
        preset=protocol.forest_preset,
        groups=tuple(_groups(result, protocol)),
        axis=_axis(result, protocol),
        references=(Reference(0.0, "No effect (0)", "null"),),
        key=(
            ("square", f"{protocol.unit[0].capitalize()}, area by weight"),
            ("diamond", f"Pooled effect with {level}"),
        ),
    )


def heterogeneity_line(pooled: "PooledEffect") -> str:
    """Print τ² with its interval, I² and Cochran's Q, each on one line; empty for one trial."""
    if pooled.k == 1:
        return ""
    spread = with_interval(pooled.tau2, *pooled.tau2_ci, 3)
    test = f"Q={number(pooled.q, 1)}, {p_text(pooled.q_p)}"
    return "; ".join(map(unbroken, (f"τ²={spread}", f"I²={number(pooled.i2, 0)}%", test)))


def notes(result: "Synthesis", protocol: AggregateProtocol) -> tuple[str, ...]:
    """Sentences that belong under the plot: what the numbers are, and how they were made."""
    worked = {
        source: sum(trial.sd_source == source for trial in result.trials)
        for source in ("from SE", "imputed")
    }
    scale = protocol.outcomes[result.outcome].scale
    found = [
        "SMD=standardised mean difference (Hedges' g), treated less controls.",
        f"Means and SDs on a scale from {scale[0]:g} to {scale[1]:g}; high values are worse.",
        f"Bias=overall risk of bias: {listing(_lights(protocol))}.",
        (
            f"SDs came from standard errors in {_trials(worked['from SE'], protocol)} and were "
            f"imputed in {_trials(worked['imputed'], protocol)}."
        ),
        f"{result.pooled.convention[:1].upper()}{result.pooled.convention[1:]}.",
    ]
    if result.between:
        found.append(f"{result.between.convention[:1].upper()}{result.between.convention[1:]}.")
    if protocol.data_status == "synthetic":
        found.append(protocol.data_note)
    return tuple(found)


def _trials(number_of: int, protocol: AggregateProtocol) -> str:
    return f"{in_words(number_of)} {protocol.unit[number_of != 1]}"


def _lights(protocol: AggregateProtocol) -> list[str]:
    """Name the signs of the lights: "+ low"."""
    return [f"{LIGHTS[each][1]} {each}" for each in protocol.judgments[:-1]]


def alt_text(result: "Synthesis", protocol: AggregateProtocol) -> str:
    """Describe the plot for a reader who cannot see it: the pooled effects, not each trial."""
    labels = protocol.characteristics[protocol.subgroups].levels
    question = (
        f"{lower_first(protocol.outcomes[result.outcome].label)} at "
        f"{protocol.follow_ups[result.follow_up].label}, {protocol.treatment} against "
        f"{protocol.comparators[result.comparator].label}"
    )
    said = [
        f"Forest plot of {count(len(result.trials))} trials: {question}",
        *(_pooled_sentence(labels[each.level], each.pooled) for each in result.subgroups),
        _pooled_sentence("All trials", result.pooled),
    ]
    return ". ".join(said) + "."


def _pooled_sentence(name: str, pooled: "PooledEffect") -> str:
    side = side_of(pooled.ci_low, pooled.ci_high, 0).replace("includes", "crosses")
    return (
        f"{name} ({pooled.k}): SMD {number(pooled.estimate, DECIMALS)}, "
        f"{percent_ci(pooled.level)} {interval(pooled.ci_low, pooled.ci_high, DECIMALS)}, "
        f"{side} no effect (0)"
    )


def _groups(result: "Synthesis", protocol: AggregateProtocol) -> Iterator[Group]:
    largest = max(trial.weight for trial in result.trials)
    everyone = _summary("All trials", result.pooled, result.trials)
    if not result.subgroups:
        yield Group((*(_trial_row(trial, largest) for trial in result.trials), *everyone))
        return
    labels = protocol.characteristics[protocol.subgroups].levels
    for each in result.subgroups:
        members = tuple(trial for trial in result.trials if trial.subgroup == each.level)
        rows = [_trial_row(trial, largest) for trial in members]
        heading = Row((labels[each.level], *FOLLOWING), kind="heading")
        yield Group((*rows, *_summary("Pooled", each.pooled, members)), heading)
    if result.between:
        test = f"Difference between subgroups: Q={number(result.between.q, 1)}"
        text = f"{test}, df={result.between.df}, {p_text(result.between.p)}"
        everyone.append(Row((text, *FOLLOWING), kind="note", indent=1))
    yield Group(tuple(everyone))


def _trial_row(trial: "SynthesisTrial", largest: float) -> Row:
    limits = trial.ci_low, trial.ci_high
    cells = (
        f"{trial.trial} {trial.year}",
        *_arm_cells(trial.treated),
        *_arm_cells(trial.controls),
        with_interval(trial.estimate, *limits, DECIMALS),
        number(trial.weight, 1),
        trial.risk_of_bias,
    )
    area = max(trial.weight / largest, 0.05)
    return Row(cells, Mark(trial.estimate, *limits, area=area), indent=1, model=PUBLISHED)


def _arm_cells(arm: "ArmResult") -> tuple[str, str]:
    return count(arm.n), f"{number(arm.mean, 1)} ({number(arm.sd, 1)})"


def _summary(
    label: str, pooled: "PooledEffect", members: "tuple[SynthesisTrial, ...]"
) -> list[Row]:
    """Make the row of a pooled effect and the line about its heterogeneity."""
    several = pooled.k > 1
    mark = Mark(
        pooled.estimate,
        pooled.ci_low,
        pooled.ci_high,
        "diamond",
        prediction=(pooled.pi_low, pooled.pi_high) if several else None,
    )
    cells = (
        label,
        count(sum(trial.treated.n for trial in members)),
        "",
        count(sum(trial.controls.n for trial in members)),
        "",
        with_interval(pooled.estimate, pooled.ci_low, pooled.ci_high, DECIMALS),
        number(sum(trial.weight for trial in members), 1),
        "",
    )
    rows = [Row(cells, mark, kind="summary", model=Model("", pooled.convention))]
    if several:
        rows.append(Row((heterogeneity_line(pooled), *FOLLOWING), kind="note", indent=1))
    return rows


def _axis(result: "Synthesis", protocol: AggregateProtocol) -> Axis:
    pooled = (result.pooled, *(each.pooled for each in result.subgroups))
    include = [0.0, *(limit for each in pooled for limit in (each.ci_low, each.ci_high))]
    low, high = span([(t.ci_low, t.ci_high) for t in result.trials], include, "linear")
    favours = (f"Favours {protocol.treatment}", "Favours controls")
    return Axis(low, high, ticks(low, high, "linear"), "linear", "", favours)
