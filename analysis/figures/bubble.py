"""Bubble plot: effects against a characteristic of the trials, with the fitted line."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from analysis.aggregate_protocol import AggregateProtocol
from analysis.figures.charts import name_axes, open_chart
from analysis.figures.show import ShownFigure, show_figure
from analysis.figures.style import BLACK, BLUE, PALE, VERMILLION, house_settings
from analysis.figures.words import interval_words
from analysis.formats import number, p_text

if TYPE_CHECKING:  # they bring the statistics with them, which other figures do not need
    from analysis.results.trial_regression import TrialRegression

HEIGHT = 250.0
LARGEST = 130.0  # area of a bubble in square points


def draw(
    results: "Sequence[TrialRegression]", protocol: AggregateProtocol, *, label: str, caption: str
) -> ShownFigure:
    """Show the bubble plots of some outcomes side by side; parameters as those of `funnel.draw`."""
    notes = [
        "Area of a bubble by weight; line and band from the regression on this predictor alone.",
        *([protocol.data_note] if protocol.data_status == "synthetic" else []),
    ]
    said = [
        f"{protocol.outcomes[each.outcome].label}: slope {number(each.slope.estimate, 3)}, "
        f"{interval_words(each.slope.ci_low, each.slope.ci_high, null=0, decimals=3)}, "
        f"{p_text(each.slope.p)}"
        for each in results
    ]
    return show_figure(
        bubble_plot(results, protocol),
        label=label,
        caption=caption,
        notes=notes,
        alt=f"Bubble plots of effects. {'. '.join(said)}.",
    )


def bubble_plot(results: "Sequence[TrialRegression]", protocol: AggregateProtocol) -> Figure:
    """Draw one panel per outcome."""
    with house_settings():
        figure, panels = open_chart(HEIGHT, panels=len(results))
        for axes, result in zip(panels, results, strict=True):
            plan = protocol.characteristics[result.bubble]
            heaviest = max(bubble.weight for bubble in result.bubbles)
            xs, middle, low, high = (list(each) for each in zip(*result.line, strict=True))
            axes.fill_between(xs, low, high, color=PALE, linewidth=0, zorder=0)
            axes.plot(xs, middle, color=VERMILLION, linewidth=1.1, zorder=3)
            axes.axhline(0, color=BLACK, linewidth=0.7, zorder=1)
            axes.scatter(
                [bubble.x for bubble in result.bubbles],
                [bubble.estimate for bubble in result.bubbles],
                s=[LARGEST * bubble.weight / heaviest for bubble in result.bubbles],
                facecolor="none",
                edgecolor=BLUE,
                linewidth=0.9,
                zorder=2,
            )
            name_axes(
                axes,
                f"{plan.label} ({plan.unit})",
                "Standardised mean difference",
                title=protocol.outcomes[result.outcome].label,
            )
    return figure
