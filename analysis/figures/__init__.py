"""Result objects as matplotlib figures, with a text that says what they show."""

from analysis.figures import aggregate, curves, flow, forest, overall, subgroups
from analysis.figures.show import ShownFigure, show_figure

__all__ = [
    "ShownFigure",
    "aggregate",
    "curves",
    "flow",
    "forest",
    "overall",
    "show_figure",
    "subgroups",
]
