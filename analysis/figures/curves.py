"""The effect along each continuous modifier: small panels that share the effect axis."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.errors import ResultError
from analysis.figures.axis import span, tick_label, ticks
from analysis.figures.curve_text import alt_text, axis_words, notes, panel_p
from analysis.figures.show import ShownFigure, show_figure
from analysis.figures.style import (
    BLACK,
    BLUE,
    GREY,
    SIZES,
    WIDTH,
    house_settings,
    letters,
    new_figure,
    wrap,
)
from analysis.figures.words import SCALES
from analysis.protocol import Protocol
from analysis.results.curves import EffectCurve

ACROSS = 3
LEFT, RIGHT, GAP = 40.0, 6.0, 14.0  # points: for the effect axis, at the edge, between panels
ABOVE, PANEL, BELOW = 30.0, 92.0, 30.0  # title and P value, the plot, ticks and their label
SIZE = SIZES[1]

__all__ = ["alt_text", "draw", "effect_curves", "notes"]


def draw(
    curves: Sequence[EffectCurve], protocol: Protocol, *, label: str, caption: str
) -> ShownFigure:
    """Show the curves of one outcome in a document, with notes and alternative text.

    Parameters
    ----------
    curves, protocol
        What to show, and the plan that names its parts.
    label
        For cross-references, such as ``afig-curves``.
    caption
        Without the notes, which are added.

    Raises
    ------
    ResultError
        No curve could be estimated.
    """
    return show_figure(
        effect_curves(curves, protocol),
        label=label,
        caption=caption,
        notes=notes(curves, protocol),
        alt=alt_text(curves, protocol),
    )


def effect_curves(curves: Sequence[EffectCurve], protocol: Protocol) -> Figure:
    """Draw one panel for each modifier that has a curve.

    Raises
    ------
    ResultError
        No curve could be estimated.
    """
    shown = [curve for curve in curves if curve.points]
    if not shown:
        reasons = "; ".join(sorted({curve.not_estimable for curve in curves})) or "none was asked"
        raise ResultError(
            f"No effect along a continuous modifier could be estimated ({reasons}). Leave the "
            "figure out of the chapter."
        )
    limits = _limits(shown)
    rows = -(-len(shown) // ACROSS)
    height = rows * (ABOVE + PANEL + BELOW)
    with house_settings():
        figure = new_figure(height)
        for index, curve in enumerate(shown):
            axes = _open_panel(figure, height, index)
            _draw_curve(axes, curve)
            _label(axes, curve, protocol, limits, first=index % ACROSS == 0)
    return figure


def _limits(curves: Sequence[EffectCurve]) -> tuple[float, float]:
    """Choose the ends of the effect axis that all panels share; very wide bands are clipped."""
    scale = SCALES[curves[0].measure]
    bands = [
        (point.ci_low, point.ci_high)
        for curve in curves
        for point in curve.points
        if np.isfinite([point.ci_low, point.ci_high]).all()
        and (scale == "linear" or point.ci_low > 0)
    ]
    return span(bands, [1.0 if scale == "log" else 0.0], scale)


def _open_panel(figure: Figure, height: float, index: int) -> Axes:
    width = (WIDTH - LEFT - RIGHT - (ACROSS - 1) * GAP) / ACROSS
    row, column = divmod(index, ACROSS)
    left = LEFT + column * (width + GAP)
    bottom = height - row * (ABOVE + PANEL + BELOW) - ABOVE - PANEL
    place = (left / WIDTH, bottom / height, width / WIDTH, PANEL / height)
    return figure.add_axes(place)


def _draw_curve(axes: Axes, curve: EffectCurve) -> None:
    """Draw the null line, the band, the curve, and the knots as ticks inside the axis."""
    x = [point.x for point in curve.points]
    axes.axhline(1.0 if curve.measure == "OR" else 0.0, color=BLACK, linewidth=0.7, zorder=1)
    low, high = ([getattr(p, name) for p in curve.points] for name in ("ci_low", "ci_high"))
    axes.fill_between(x, low, high, color=BLUE, alpha=0.2, linewidth=0, zorder=2)
    for edge in (low, high):
        axes.plot(x, edge, color=BLUE, linewidth=0.5, linestyle=(0, (3, 2)), zorder=3)
    axes.plot(x, [point.effect for point in curve.points], color=BLUE, linewidth=1.4, zorder=4)
    for knot in curve.knots:
        axes.axvline(knot, ymax=0.05, color=GREY, linewidth=1.0, zorder=5)


def _label(
    axes: Axes, curve: EffectCurve, protocol: Protocol, limits: tuple[float, float], *, first: bool
) -> None:
    """Give a panel its axes and its title; only the first of a row names the effect."""
    scale = SCALES[curve.measure]
    marks = ticks(*limits, scale)
    axes.set(yscale=scale, ylim=limits, xlim=(curve.points[0].x, curve.points[-1].x))
    axes.minorticks_off()
    axes.set_yticks(marks, [tick_label(mark) for mark in marks] if first else [])
    low, high = curve.points[0].x, curve.points[-1].x
    places = [float(tick) for tick in MaxNLocator(nbins=4).tick_values(low, high)]
    places = [tick for tick in places if low <= tick <= high]
    axes.set_xticks(places, [tick_label(tick) for tick in places])
    axes.tick_params(length=3, width=0.7, pad=2)
    axes.spines[["top", "right"]].set_visible(False)
    plan = protocol.modifiers[curve.modifier]
    room = axes.get_position().width * WIDTH
    title = "\n".join(wrap(plan.label, room, SIZE, bold=True))
    axes.set_title(title, loc="left", fontproperties=letters(SIZE, bold=True), pad=SIZE + 5)
    axes.text(
        0, 1 + 3 / PANEL, panel_p(curve), transform=axes.transAxes, fontproperties=letters(SIZE),
        parse_math=False,
    )  # fmt: skip
    if plan.unit:
        axes.set_xlabel(plan.unit, fontproperties=letters(SIZE), labelpad=2)
    if first:
        axes.set_ylabel(axis_words(curve), fontproperties=letters(SIZE), labelpad=3)
    for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        text.set_fontproperties(letters(SIZE))
