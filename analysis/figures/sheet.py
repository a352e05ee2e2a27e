"""A page on which text and rules are placed in points from its top left corner."""

from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.style import BLACK, WIDTH, letters, new_figure

BASELINE = 0.36  # from the middle of a line of text to its baseline, relative to its letters


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of journal width.

    Attributes
    ----------
    figure
        The matplotlib figure.
    axes
        Covers the whole page and counts points, downwards.
    height
        In points.
    size
        Of the letters.
    """

    figure: Figure
    axes: Axes
    height: float
    size: float

    def write(
        self,
        x: float,
        middle: float,
        text: str,
        *,
        align: Literal["left", "center", "right"] = "left",
        bold: bool = False,
    ) -> None:
        """Write one line of text whose middle stands at a height."""
        self.axes.text(
            x,
            middle + BASELINE * self.size,
            text,
            ha=align,
            va="baseline",
            fontproperties=letters(self.size, bold=bold),
            color=BLACK,
            parse_math=False,
        )

    def rule(
        self, y: float, ends: tuple[float, float], *, width: float = 0.5, colour: str = BLACK
    ) -> None:
        """Draw a horizontal rule."""
        self.axes.plot(ends, [y, y], color=colour, linewidth=width, solid_capstyle="butt")


def open_sheet(height: float, size: float) -> Sheet:
    """Open an empty page."""
    figure = new_figure(height)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    return Sheet(figure, axes, height, size)
