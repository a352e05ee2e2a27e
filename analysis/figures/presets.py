"""Looks of a forest plot after journals and RevMan: colours, and the brackets of intervals.

BMJ and JAMA print "−10.7 (−14.1 to −7.4)"; RevMan 5 prints "−10.70 [−14.10, −7.40]", with green
squares for differences, blue ones for ratios and black diamonds. The house look is that of
`analysis.figures.style`; it alone is made for readers who do not tell colours apart, but no look
relies on colour: shapes and line styles differ as well.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal

from analysis.figures.style import BLACK, BLUE, GREEN, GREY, VERMILLION

PresetName = Literal["house", "BMJ", "JAMA", "RevMan"]
_INTERVAL = re.compile(r"\(([^()]+?) to ([^()]+?)\)")


@dataclass(frozen=True, slots=True)
class Preset:
    """The look of a forest plot.

    Attributes
    ----------
    square, diamond
        Colours of estimates and of summaries.
    overall, worthwhile
        Colours of these reference lines.
    square_brackets
        Whether intervals are printed as [low, high] in place of (low to high).
    """

    square: str = BLUE
    diamond: str = VERMILLION
    overall: str = VERMILLION
    worthwhile: str = GREEN
    square_brackets: bool = False

    def interval(self, text: str) -> str:
        """Rewrite the intervals "(low to high)" in a cell as the look prints them."""
        return _INTERVAL.sub(r"[\1, \2]", text) if self.square_brackets else text


HOUSE = Preset()
PRESETS: dict[PresetName, Preset] = {
    "house": HOUSE,
    "BMJ": Preset(square="#2A6EBB", diamond="#2A6EBB", overall=GREY, worthwhile=BLACK),
    "JAMA": Preset(square=BLACK, diamond=BLACK, overall=GREY, worthwhile=GREY),
    "RevMan": Preset(
        square="#00893D", diamond=BLACK, overall=GREY, worthwhile=GREY, square_brackets=True
    ),
}
_REVMAN_RATIO = "#0047AB"


def find_preset(name: PresetName, *, ratio: bool = False) -> Preset:
    """Give the look of a name; RevMan's squares are blue when the effects are ratios."""
    if name == "RevMan" and ratio:
        return replace(PRESETS[name], square=_REVMAN_RATIO)
    return PRESETS[name]
