"""The judgments of risk of bias as coloured lights, each with a sign of its own.

Colours are of Okabe and Ito (2008), so that they are told apart by all; RoB 1 says "unclear" where
RoB 2 says "some concerns", and "no information" has its own colour in both.
"""

from analysis.figures.sheet import Sheet
from analysis.figures.style import BLACK, GREEN, VERMILLION

YELLOW, SKY = "#F0E442", "#56B4E9"
LIGHTS: dict[str, tuple[str, str]] = {
    "low": (GREEN, "+"),
    "some concerns": (YELLOW, "!"),
    "unclear": (YELLOW, "?"),
    "high": (VERMILLION, "×"),
    "no information": (SKY, "–"),
}
LIGHT = 9.5  # diameter in points


def draw_light(sheet: Sheet, x: float, y: float, judgment: str, *, size: float = LIGHT) -> None:
    """Draw the light of a judgment, centred at a place of the sheet (points)."""
    colour, sign = LIGHTS[judgment]
    sheet.axes.plot(
        [x], [y], marker="o", markersize=size, color=colour, markeredgecolor=BLACK, mew=0.4
    )
    sheet.write(x, y, sign, align="center", bold=True)
