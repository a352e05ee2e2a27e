"""Funnel plots: effects against their standard errors, with contours of significance."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.aggregate_protocol import AggregateProtocol
from analysis.figures.charts import name_axes, open_chart
from analysis.figures.show import ShownFigure, show_figure
from analysis.figures.style import BLACK, BLUE, VERMILLION, house_settings
from analysis.figures.words import interval_words
from analysis.formats import number, p_text

if TYPE_CHECKING:  # they bring the statistics with them, which other figures do not need
    from analysis.results.synthesis import Synthesis

SHADES = {0.1: "#FFFFFF", 0.05: "#BDBDBD", 0.01: "#DEDEDE"}
HEIGHT = 280.0


def draw(
    results: "Sequence[Synthesis]", protocol: AggregateProtocol, *, label: str, caption: str
) -> ShownFigure:
    """Show the funnel plots of some syntheses side by side.

    Parameters
    ----------
    results, protocol
        What to show, and the plan that names its parts.
    label
        For cross-references, such as ``fig-funnel``.
    caption
        Without the notes, which are added.
    """
    share = f"{100 * protocol.pooling.level:g}%"
    notes = [
        "Shaded: 0.05≤P<0.10 (dark) and 0.01≤P<0.05 (light), against no effect.",
        f"Dashed: pooled effect and where {share} of trials would lie were there no heterogeneity.",
        *([protocol.data_note] if protocol.data_status == "synthetic" else []),
    ]
    said = [
        f"{_title(each, protocol)}: {_pooled_text(each)}; {tests_text(each)}" for each in results
    ]
    return show_figure(
        funnel_plot(results, protocol),
        label=label,
        caption=caption,
        notes=notes,
        alt=f"Funnel plots. {'. '.join(said)}.",
    )


def _pooled_text(result: "Synthesis") -> str:
    pooled = result.pooled
    limits = interval_words(pooled.ci_low, pooled.ci_high, null=0, decimals=2, level=pooled.level)
    return f"pooled SMD {number(pooled.estimate, 2)}, {limits}"


def tests_text(result: "Synthesis") -> str:
    """Print both tests of asymmetry.

    Examples
    --------
    >>> tests_text(result)  # doctest: +SKIP
    "Egger's regression test z=−1.05, P=0.29; rank correlation −0.11, P=0.38"
    """
    if result.egger is None or result.rank is None:
        return f"no test of asymmetry with {len(result.trials)} trials"
    statistic = f"z={number(result.egger.statistic, 2)}"
    rank = f"rank correlation {number(result.rank.statistic, 2)}, {p_text(result.rank.p)}"
    return f"Egger's regression test {statistic}, {p_text(result.egger.p)}; {rank}"


def funnel_plot(results: "Sequence[Synthesis]", protocol: AggregateProtocol) -> Figure:
    """Draw contour-enhanced funnel plots, each with its own axes.

    References
    ----------
    Peters et al. 2008, J Clin Epidemiol 61:991.
    """
    with house_settings():
        figure, panels = open_chart(HEIGHT, panels=len(results), top=28)
        for axes, result in zip(panels, results, strict=True):
            _panel(axes, result, protocol)
    return figure


def _panel(axes: Axes, result: "Synthesis", protocol: AggregateProtocol) -> None:
    from analysis.pooling import funnel

    drawn = funnel(
        [trial.estimate for trial in result.trials],
        [trial.variance for trial in result.trials],
        result.pooled.estimate,
        level=protocol.pooling.level,
    )
    widths = list(drawn.contours.items())
    for (_, inner), (p, outer) in pairwise(widths):
        for side in (-1, 1):
            axes.fill_betweenx(
                drawn.height, side * inner, side * outer, color=SHADES[p], linewidth=0, zorder=0
            )
    axes.plot([0, 0], [0, drawn.height[-1]], color=BLACK, linewidth=0.7)
    for side in (-1, 0, 1):
        xs = drawn.centre + side * drawn.half_width
        axes.plot(xs, drawn.height, color=VERMILLION, linewidth=0.9, linestyle="--")
    axes.plot(drawn.yi, drawn.se, "o", markersize=4, color=BLUE, markeredgecolor="white", mew=0.4)
    low, high = min(drawn.yi.min(), 0), max(drawn.yi.max(), 0)
    margin = 0.08 * (high - low)
    axes.set(xlim=(low - margin, high + margin), ylim=(drawn.height[-1], 0))
    name_axes(
        axes,
        "Standardised mean difference",
        "Standard error",
        title=_title(result, protocol).replace(" v ", "\nv ", 1),
    )


def _title(result: "Synthesis", protocol: AggregateProtocol) -> str:
    return (
        f"{protocol.outcomes[result.outcome].label} v "
        f"{protocol.comparators[result.comparator].label}"
    )
