"""Bubble plot: effects against a characteristic of the trials, with the fitted line."""

from collections.abc import Mapping, Sequence
from math import pi
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.aggregate_protocol import AggregateProtocol
from analysis.errors import RenderError
from analysis.figures.charts import name_axes, open_chart
from analysis.figures.show import ShownFigure, show_figure
from analysis.figures.style import BLACK, BLUE, PALE, VERMILLION, house_settings
from analysis.figures.words import interval_words, lower_first
from analysis.formats import number, p_text

if TYPE_CHECKING:  # they bring the statistics with them, which other figures do not need
    from analysis.results.trial_regression import BubblePlot, TrialRegression

HEIGHT = 250.0
LARGEST = 130.0  # area of a bubble in square points
SHAPES = {"o": "circles", "s": "squares", "^": "triangles", "D": "diamonds"}
# matplotlib's size is the area of the square around a mark: so much of it gives equal areas.
SIZES = {"o": 1.0, "s": pi / 4, "^": pi / 2, "D": pi / 4}


def draw(
    results: "Sequence[TrialRegression]",
    protocol: AggregateProtocol,
    *,
    predictor: str,
    label: str,
    caption: str,
) -> ShownFigure:
    """Show the bubble plots of one predictor, the outcomes side by side.

    Parameters
    ----------
    results, protocol, label, caption
        As those of `funnel.draw`.
    predictor
        One of regression.bubbles of the protocol.
    """
    plots = _plots(results, predictor)
    notes = [
        "Area of a bubble by weight; line and band from the regression on this predictor alone.",
        *_shapes_note(plots, protocol),
        *([protocol.data_note] if protocol.data_status == "synthetic" else []),
    ]
    said = [
        f"{protocol.outcomes[outcome].label}: slope {number(plot.slope.estimate, 3)} for "
        f"{plot.slope.per:g} {protocol.characteristics[predictor].unit}, "
        f"{interval_words(plot.slope.ci_low, plot.slope.ci_high, null=0, decimals=3)}, "
        f"{p_text(plot.slope.p)}"
        for outcome, plot in plots.items()
    ]
    return show_figure(
        bubble_plot(plots, protocol),
        label=label,
        caption=caption,
        notes=notes,
        alt=f"Bubble plots of effects. {'. '.join(said)}.",
    )


def bubble_plot(plots: "Mapping[str, BubblePlot]", protocol: AggregateProtocol) -> Figure:
    """Draw one panel per outcome."""
    with house_settings():
        figure, panels = open_chart(HEIGHT, panels=len(plots))
        for axes, (outcome, plot) in zip(panels, plots.items(), strict=True):
            plan = protocol.characteristics[plot.predictor]
            xs, middle, low, high = (list(each) for each in zip(*plot.line, strict=True))
            axes.fill_between(xs, low, high, color=PALE, linewidth=0, zorder=0)
            axes.plot(xs, middle, color=VERMILLION, linewidth=1.1, zorder=3)
            axes.axhline(0, color=BLACK, linewidth=0.7, zorder=1)
            _draw_bubbles(axes, plot, protocol)
            name_axes(
                axes,
                plan.label
                if lower_first(plan.label).startswith(plan.unit)
                else f"{plan.label} ({plan.unit})",
                "Standardised mean difference",
                title=protocol.outcomes[outcome].label,
            )
    return figure


def _draw_bubbles(axes: Axes, plot: "BubblePlot", protocol: AggregateProtocol) -> None:
    """Draw the effects against each comparator in its shape, all with areas by weight."""
    heaviest = max(bubble.weight for bubble in plot.bubbles)
    for comparator, shape in _shapes(protocol).items():
        bubbles = [each for each in plot.bubbles if each.comparator == comparator]
        largest = LARGEST * SIZES[shape]
        axes.scatter(
            [bubble.x for bubble in bubbles],
            [bubble.estimate for bubble in bubbles],
            s=[largest * bubble.weight / heaviest for bubble in bubbles],
            marker=shape,
            facecolor="none",
            edgecolor=BLUE,
            linewidth=0.9,
            zorder=2,
        )


def _shapes(protocol: AggregateProtocol) -> dict[str, str]:
    """Give each comparator a shape; with more of them than shapes all are circles."""
    keys = list(protocol.comparators)
    shapes = list(SHAPES)[: len(keys)] if len(keys) <= len(SHAPES) else ["o"] * len(keys)
    return dict(zip(keys, shapes, strict=True))


def _shapes_note(plots: "Mapping[str, BubblePlot]", protocol: AggregateProtocol) -> list[str]:
    """Say which comparator has which shape, where the plots show several."""
    shapes = _shapes(protocol)
    shown = {bubble.comparator for plot in plots.values() for bubble in plot.bubbles}
    if len(shown) < 2 or len(set(shapes.values())) < 2:
        return []
    named = [
        f"{SHAPES[shape]}: {protocol.comparators[key].label}"
        for key, shape in shapes.items()
        if key in shown
    ]
    text = "; ".join(named)
    return [f"{text[:1].upper()}{text[1:]}."]


def _plots(results: "Sequence[TrialRegression]", predictor: str) -> "dict[str, BubblePlot]":
    found = {
        result.outcome: plot
        for result in results
        for plot in result.plots
        if plot.predictor == predictor
    }
    if len(found) < len(results) or not found:
        known = sorted({plot.predictor for result in results for plot in result.plots})
        raise RenderError(
            f"No bubble plot of {predictor!r} was computed, only of {', '.join(known)}. Add it to "
            "regression.bubbles of data/protocol.yml."
        )
    return found
