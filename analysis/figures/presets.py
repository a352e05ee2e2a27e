"""Looks of a forest plot after journals and RevMan: colours, and how numbers are printed.

Taken from the layouts of the R package meta (Schwarzer; `settings.meta` and `forest.meta`, as on
GitHub in May 2026), which follow these journals: BMJ is one purple and prints
"1.44 (1.02 to 2.04)"; JAMA has dark blue squares and light blue diamonds and prints
"1.44 (1.02-2.04)"; RevMan 5 has black diamonds, prints "1.44 [1.02, 2.04]", and tells continuous
outcomes (green) from events (blue).
P values stand as these print them: "P=0.04" in the BMJ; "P = .04" in JAMA, after the AMA Manual of
Style (11th edition, section 19.7.1), which leaves the zero out of P, α and β alone: correlations,
estimates and percentages keep theirs; "P = 0.04" in RevMan. The signs around τ², I² and Q have the
same spaces.
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
_STATISTIC = re.compile(r"(?<!\w)(τ²|I²|Q|df|P)([=<>])(?=[\d.])")
_P_VALUE = re.compile(r"(?<!\w)(P ?[=<>] ?)0(?=\.)".replace(" ?", "\N{NO-BREAK SPACE}?"))
_LONE_P_VALUE = re.compile(r"^([<>]?)0(?=\.\d+$)")


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
    spaced
        Whether spaces stand around the sign in "P=0.04".
    leading_zero
        Whether a P value has a zero before its point.
    """

    square: str = BLUE
    diamond: str = VERMILLION
    overall: str = VERMILLION
    worthwhile: str = GREEN
    brackets: tuple[str, str] = ("(", ")")
    separator: str = " to "
    spaced: bool = False
    leading_zero: bool = True

    def interval(self, text: str) -> str:
        """Rewrite the intervals "(low to high)" in a cell as the look prints them."""
        return _INTERVAL.sub(lambda found: self._printed(*found.groups()), text)

    def statistics(self, text: str) -> str:
        """Rewrite "I²=73%; Q=12.3, P=0.04" as the look prints it."""
        if self.spaced:
            text = _STATISTIC.sub("\\1\N{NO-BREAK SPACE}\\2\N{NO-BREAK SPACE}", text)
        return text if self.leading_zero else _P_VALUE.sub(r"\1", text)

    def p_value(self, text: str) -> str:
        """Rewrite a P value that stands alone in its cell: "0.04", "<0.001"."""
        return text if self.leading_zero else _LONE_P_VALUE.sub(r"\1", text)

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
        square="#00008B",
        diamond="#ADD8E6",
        overall=GREY,
        worthwhile=BLACK,
        separator="-",
        spaced=True,
        leading_zero=False,
    ),
    "RevMan": Preset(
        square="#00893D",
        diamond=BLACK,
        overall=GREY,
        worthwhile=GREY,
        brackets=("[", "]"),
        separator=", ",
        spaced=True,
    ),
}
_REVMAN_RATIO = "#0047AB"


def find_preset(name: PresetName, *, ratio: bool = False) -> Preset:
    """Give the look of a name; RevMan's squares are blue when the effects are ratios."""
    if name == "RevMan" and ratio:
        return replace(PRESETS[name], square=_REVMAN_RATIO)
    return PRESETS[name]
