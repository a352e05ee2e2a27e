"""Charts with two axes in the house style: what funnel, bubble and influence plots share."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.style import BLACK, SIZES, WIDTH, letters, new_figure
from analysis.formats import MINUS

SIZE = SIZES[0]


def open_chart(
    height: float, *, panels: int = 1, left: float = 46, gap: float = 52, top: float = 18
) -> tuple[Figure, list[Axes]]:
    """Open a white figure with panels side by side.

    Parameters
    ----------
    height
        In points.
    panels
        Their number; all equally wide.
    left
        Room for the labels of the first vertical axis, in points.
    gap
        Between panels, in points.
    top
        Room for the titles, in points.
    """
    figure = new_figure(height)
    width = (WIDTH - left - 12 - gap * (panels - 1)) / panels
    found = []
    for number in range(panels):
        start = left + number * (width + gap)
        place = (start / WIDTH, 38 / height, width / WIDTH, 1 - (38 + top) / height)
        axes = figure.add_axes(place)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=SIZE, colors=BLACK, length=3)
        found.append(axes)
    return figure, found


def name_axes(axes: Axes, x: str, y: str = "", *, title: str = "") -> None:
    """Write the names of both axes, and print true minus signs on the ticks."""
    for write, text in ((axes.set_xlabel, x), (axes.set_ylabel, y)):
        write(text, fontproperties=letters(SIZE), parse_math=False)
    if title:
        axes.set_title(title, fontproperties=letters(SIZE, bold=True), loc="left", parse_math=False)
    axes.xaxis.set_major_formatter(lambda value, _: _tick(value))
    if y:
        axes.yaxis.set_major_formatter(lambda value, _: _tick(value))


def _tick(value: float) -> str:
    return f"{MINUS if value < -1e-9 else ''}{abs(round(value, 6)):g}"
