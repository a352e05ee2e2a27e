"""Result objects as matplotlib figures, with a text that says what they show."""

from analysis.figures import (
    aggregate,
    bubble,
    curves,
    flow,
    forest,
    funnel,
    influence,
    overall,
    risk_of_bias,
    subgroups,
    synthesis,
)
from analysis.figures.show import ShownFigure, show_figure

__all__ = [
    "ShownFigure",
    "aggregate",
    "bubble",
    "curves",
    "flow",
    "forest",
    "funnel",
    "influence",
    "overall",
    "risk_of_bias",
    "show_figure",
    "subgroups",
    "synthesis",
]
