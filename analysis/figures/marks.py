"""The marks of a forest plot: squares, diamonds, intervals, arrows on clipped ones, lines."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.markers import CARETLEFT, CARETRIGHT
from matplotlib.patches import Polygon

from analysis.figures.axis import Axis
from analysis.figures.presets import Preset
from analysis.figures.specification import LineStyle, Mark, Shape
from analysis.figures.style import BLACK, GREY

LARGEST, SMALLEST = 7.0, 2.6  # sides of squares in points
ARROW = 5.0


def line_style(style: LineStyle, preset: Preset) -> dict[str, Any]:
    """Give matplotlib's options of a reference line."""
    match style:
        case "null":
            return {"color": BLACK, "linewidth": 0.7, "linestyle": "-"}
        case "overall":
            return {"color": preset.overall, "linewidth": 0.9, "linestyle": (0, (4, 2))}
        case "worthwhile":
            return {"color": preset.worthwhile, "linewidth": 1.2, "linestyle": (0, (1, 1.4))}


def draw_mark(
    plot: Axes, y: float, mark: Mark, axis: Axis, preset: Preset, *, half_height: float
) -> None:
    """Draw one estimate at height `y` (points); what lies beyond the axis ends in an arrow."""
    if mark.prediction:
        _draw_prediction(plot, y, mark.prediction, axis, half_height=half_height)
    if mark.shape == "diamond":
        corners = [(mark.low, y), (mark.estimate, y - half_height)]
        corners += [(mark.high, y), (mark.estimate, y + half_height)]
        colour = preset.diamond
        plot.add_patch(Polygon(corners, facecolor=colour, edgecolor=BLACK, linewidth=0.5, zorder=3))
    else:
        low, high = max(mark.low, axis.low), min(mark.high, axis.high)
        if low < high:
            plot.plot([low, high], [y, y], color=BLACK, linewidth=0.9, zorder=3)
        if axis.low <= mark.estimate <= axis.high:
            _draw_square(plot, mark.estimate, y, mark.shape, preset.square, area=mark.area)
    _draw_arrows(plot, y, (mark.low, mark.high), axis, colour=BLACK)
    if mark.worthwhile is not None:
        ends = [y - 2 * half_height, y + 2 * half_height]
        plot.plot(
            [mark.worthwhile, mark.worthwhile], ends, zorder=2, **line_style("worthwhile", preset)
        )


def draw_symbol(
    sheet: Axes, x: float, y: float, shape: Shape, preset: Preset, *, half_width: float
) -> None:
    """Draw the sample of a shape for the key, centred at a place of the sheet (points)."""
    if shape == "diamond":
        corners = [(x - half_width, y), (x, y - 3), (x + half_width, y), (x, y + 3)]
        colour = preset.diamond
        sheet.add_patch(Polygon(corners, facecolor=colour, edgecolor=BLACK, linewidth=0.5))
        return
    sheet.plot([x - half_width, x + half_width], [y, y], color=BLACK, linewidth=0.9)
    _draw_square(sheet, x, y, shape, preset.square, area=0.6)


def draw_arrow_sample(sheet: Axes, x: float, y: float, *, half_width: float) -> None:
    """Draw the sample of a clipped interval for the key."""
    sheet.plot([x - half_width, x + half_width], [y, y], color=BLACK, linewidth=0.9)
    sheet.plot([x + half_width], [y], marker=CARETRIGHT, markersize=ARROW, color=BLACK)


def draw_line_sample(
    sheet: Axes, x: float, y: float, style: LineStyle, preset: Preset, *, half: float
) -> None:
    """Draw the sample of a reference line for the key."""
    sheet.plot([x - half, x + half], [y, y], **line_style(style, preset))


def draw_prediction_sample(sheet: Axes, x: float, y: float, *, half_width: float) -> None:
    """Draw the sample of a prediction interval for the key."""
    _draw_capped(sheet, y, (x - half_width, x + half_width), half_height=2.5, caps=(True, True))


def is_clipped(mark: Mark, axis: Axis) -> bool:
    """Whether a part of the mark lies beyond the axis."""
    low, high = mark.prediction or (mark.low, mark.high)
    return min(low, mark.low) < axis.low or max(high, mark.high) > axis.high


def _draw_square(plot: Axes, x: float, y: float, shape: Shape, colour: str, *, area: float) -> None:
    plot.plot(
        [x],
        [y],
        marker="s",
        markersize=max(SMALLEST, LARGEST * area**0.5),
        markerfacecolor="white" if shape == "hollow" else colour,
        markeredgecolor=colour,
        markeredgewidth=0.9,
        zorder=4,
    )


def _draw_arrows(
    plot: Axes, y: float, limits: tuple[float, float], axis: Axis, *, colour: str
) -> None:
    ends = (
        (limits[0] < axis.low, axis.low, CARETLEFT),
        (limits[1] > axis.high, axis.high, CARETRIGHT),
    )
    for beyond, x, marker in ends:
        if beyond:
            plot.plot(
                [x], [y], marker=marker, markersize=ARROW, color=colour, zorder=5, clip_on=False
            )


def _draw_prediction(
    plot: Axes, y: float, limits: tuple[float, float], axis: Axis, *, half_height: float
) -> None:
    inside = (max(limits[0], axis.low), min(limits[1], axis.high))
    caps = (limits[0] >= axis.low, limits[1] <= axis.high)
    if inside[0] < inside[1]:
        _draw_capped(plot, y, inside, half_height=half_height * 0.7, caps=caps)
    _draw_arrows(plot, y, limits, axis, colour=GREY)


def _draw_capped(
    plot: Axes,
    y: float,
    limits: tuple[float, float],
    *,
    half_height: float,
    caps: tuple[bool, bool],
) -> None:
    thin: dict[str, Any] = {"color": GREY, "linewidth": 0.6, "zorder": 2}
    plot.plot(limits, [y, y], **thin)
    for x, capped in zip(limits, caps, strict=True):
        if capped:
            plot.plot([x, x], [y - half_height, y + half_height], **thin)
