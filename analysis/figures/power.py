"""The power of a planned meta-analysis against the size of the interaction."""

import pandas as pd
from matplotlib.figure import Figure

from analysis.figures.style import BLUE, GREY, POINTS_PER_INCH, house_settings, letters, new_figure

HEIGHT = 3.2 * POINTS_PER_INCH
WANTED = 0.8


def power_figure(curve: pd.DataFrame, interaction: float) -> Figure:
    """Draw the power curve, with the interaction asked for and the usual 80% as lines.

    Parameters
    ----------
    curve
        Columns interaction and power (a share), see `analysis.models.power_curve`.
    interaction
        The interaction asked for.
    """
    with house_settings():
        figure = new_figure(HEIGHT)
        axes = figure.add_axes((0.1, 0.17, 0.86, 0.78))
        axes.plot(curve["interaction"], 100 * curve["power"], color=BLUE, linewidth=1.5)
        axes.axhline(100 * WANTED, color=GREY, linewidth=0.8, linestyle="--")
        axes.axvline(interaction, color=GREY, linewidth=0.8, linestyle=":")
        axes.set_ylim(0, 100)
        axes.set_xlabel("Interaction", fontproperties=letters(8.0))
        axes.set_ylabel("Power, %", fontproperties=letters(8.0))
        axes.tick_params(labelsize=7.5)
        axes.spines[["top", "right"]].set_visible(False)
    return figure
