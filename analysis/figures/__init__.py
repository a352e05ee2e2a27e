"""Result objects as matplotlib figures, with a text that says what they show."""

from analysis.figures import forest, overall, subgroups
from analysis.figures.show import ShownFigure, show_figure

__all__ = ["ShownFigure", "forest", "overall", "show_figure", "subgroups"]
