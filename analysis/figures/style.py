"""One look for every figure: journal width, readable letters, colours that all can tell apart.

Colours are those of Okabe and Ito (2008, "Color universal design"); a figure never relies on them
alone, since line styles and shapes differ too. Grounds are white, so that a figure is
readable in a dark page as well.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from analysis.fonts import with_fonts

POINTS_PER_INCH = 72.0
WIDTH = 6.7 * POINTS_PER_INCH  # 170 mm, the full width of a journal page
MAX_HEIGHT = 8.6 * POINTS_PER_INCH  # what A4 leaves between its margins, with a caption
SIZES = (8.0, 7.5, 7.0)  # letters in points, at WIDTH; the last is the smallest ever used
FONT = "DejaVu Sans"  # comes with matplotlib, and has the minus and narrow space of journals
ALIKE = "Verdana, sans-serif"  # as wide, for programs that edit SVG without the fonts inside it
NAMED = re.compile(rf"(<(?:text|tspan)[^>]*'{FONT}')(?=[;\"])")

BLACK = "#000000"
BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
GREY = "#595959"
PALE = "#D9D9D9"


@contextmanager
def house_settings() -> Iterator[None]:
    """Draw with matplotlib's defaults, whatever a notebook or its backend has changed.

    In SVG, letters stay text, to be found, copied and edited, and ids depend on the content.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams["font.family"] = FONT
        mpl.rcParams["svg.fonttype"] = "none"
        mpl.rcParams["svg.hashsalt"] = "ipdbook"
        yield


def new_figure(height: float) -> Figure:
    """Open an empty white figure of journal width.

    Parameters
    ----------
    height
        In points.
    """
    size = (WIDTH / POINTS_PER_INCH, height / POINTS_PER_INCH)
    return Figure(figsize=size, facecolor="white")


@lru_cache(maxsize=64)
def letters(size: float, *, bold: bool = False) -> FontProperties:
    """Return the font of figures at a size in points, whatever a notebook has set."""
    return FontProperties(
        family=FONT,
        style="normal",
        variant="normal",
        weight="bold" if bold else "normal",
        stretch="normal",
        size=size,
    )


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of one line of text in points."""
    return _measured(text, bold=bold) * (size / TextToPath.FONT_SCALE) if text else 0.0


@lru_cache(maxsize=8192)
def _measured(text: str, *, bold: bool) -> float:
    """Width at the one size at which matplotlib measures: letters carry no hints, so it scales."""
    measure = TextToPath().get_text_width_height_descent
    return float(measure(text, letters(TextToPath.FONT_SCALE, bold=bold), ismath=False)[0])


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> tuple[str, ...]:
    """Break a text into lines of at most `width` points; a longer word keeps a line of its own."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(lines)


def svg(figure: Figure, *, outlines: bool = False) -> bytes:
    """Write a figure as SVG: the same figure gives the same bytes, on every day.

    Parameters
    ----------
    figure
        The figure.
    outlines
        Draw letters as outlines, for readers that do not see the fonts embedded in a picture.
    """
    target = BytesIO()
    with house_settings():
        if outlines:
            mpl.rcParams["svg.fonttype"] = "path"
        figure.savefig(target, format="svg", metadata={"Date": None})
    picture = with_fonts(target.getvalue().decode())
    return NAMED.sub(rf"\1, {ALIKE}", picture).encode()
