"""Looks of a forest plot after journals and RevMan: colours, and how intervals are printed.

Taken from the layouts of the R package meta (Schwarzer; `settings.meta` and `forest.meta`, as on
GitHub in May 2026), which follow these journals: BMJ is one purple and prints
"1.44 (1.02 to 2.04)"; JAMA has dark blue squares and light blue diamonds and prints
"1.44 (1.02-2.04)"; RevMan 5 has black diamonds, prints "1.44 [1.02, 2.04]", and tells continuous
outcomes (green) from events (blue).
Three things are our own. RevMan's green and blue are darker here than meta's, so that they
stand out on white. Beside a minus sign JAMA's hyphen would be misread, so that "to" stays. The two
reference lines have no counterpart. The house look is that of `analysis.figures.style`; it alone is
made for readers who do not tell colours apart, but no look relies on colour: shapes and line styles
differ as well.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal

from analysis.figures.style import BLACK, BLUE, GREEN, GREY, VERMILLION
from analysis.formats import MINUS

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
    brackets
        The two that stand around an interval.
    separator
        What stands between its limits; a hyphen gives way to " to " beside a minus sign.
    """

    square: str = BLUE
    diamond: str = VERMILLION
    overall: str = VERMILLION
    worthwhile: str = GREEN
    brackets: tuple[str, str] = ("(", ")")
    separator: str = " to "

    def interval(self, text: str) -> str:
        """Rewrite the intervals "(low to high)" in a cell as the look prints them."""
        return _INTERVAL.sub(lambda found: self._printed(*found.groups()), text)

    def _printed(self, low: str, high: str) -> str:
        unclear = self.separator == "-" and MINUS in low + high
        opening, closing = self.brackets
        return f"{opening}{low}{' to ' if unclear else self.separator}{high}{closing}"


HOUSE = Preset()
_BMJ = "#6B58A6"
PRESETS: dict[PresetName, Preset] = {
    "house": HOUSE,
    "BMJ": Preset(square=_BMJ, diamond=_BMJ, overall=GREY, worthwhile=BLACK),
    "JAMA": Preset(
        square="#00008B", diamond="#ADD8E6", overall=GREY, worthwhile=BLACK, separator="-"
    ),
    "RevMan": Preset(
        square="#00893D",
        diamond=BLACK,
        overall=GREY,
        worthwhile=GREY,
        brackets=("[", "]"),
        separator=", ",
    ),
}
_REVMAN_RATIO = "#0047AB"


def find_preset(name: PresetName, *, ratio: bool = False) -> Preset:
    """Give the look of a name; RevMan's squares are blue when the effects are ratios."""
    if name == "RevMan" and ratio:
        return replace(PRESETS[name], square=_REVMAN_RATIO)
    return PRESETS[name]
