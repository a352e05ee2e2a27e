"""Influence plot: residual, Cook's distance and the pooled effect without each trial."""

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.aggregate_protocol import AggregateProtocol
from analysis.errors import RenderError
from analysis.figures.charts import name_axes, open_chart
from analysis.figures.show import ShownFigure, show_figure
from analysis.figures.style import (
    BLACK,
    BLUE,
    GREY,
    SIZES,
    VERMILLION,
    house_settings,
    letters,
    text_width,
)
from analysis.figures.words import interval_words, percent_ci, side_of
from analysis.formats import count, listing, number

if TYPE_CHECKING:  # they bring the statistics with them, which other figures do not need
    from analysis.results.synthesis import Synthesis, TrialInfluence

STEP = 10.5  # points per trial
ROOM, TOP = 48.0, 6.0
PAD = 0.09  # of the width of a panel, beside its outermost marks
DECIMALS = 2
MARKED = (
    "Diamonds mark outliers (studentised residual, Bonferroni-corrected) and influential trials "
    "(Viechtbauer and Cheung 2010). Dashed line: pooled effect of all trials; bars: {level}."
)


def draw(
    result: "Synthesis", protocol: AggregateProtocol, *, label: str, caption: str
) -> ShownFigure:
    """Show the influence of each trial on a synthesis; parameters as those of `funnel.draw`."""
    figure = influence_plot(result)
    marked = [
        trial.label
        for trial, each in zip(result.trials, result.influence, strict=True)
        if each.outlier or each.influential
    ]
    found = f"Marked: {listing(marked)}" if marked else "No trial is marked"
    notes = [
        MARKED.format(level=percent_ci(result.pooled.level)),
        *([protocol.data_note] if protocol.data_status == "synthetic" else []),
    ]
    return show_figure(
        figure,
        label=label,
        caption=caption,
        notes=notes,
        alt=(
            f"Residual, Cook's distance and pooled effect without each trial. {found}. "
            f"{_range_sentence(result)}"
        ),
    )


def _range_sentence(result: "Synthesis") -> str:
    """Say how far the pooled effect moves, and whether its interval changes sides."""
    pooled, rows = result.pooled, result.influence
    side = side_of(pooled.ci_low, pooled.ci_high, 0)
    same = sum(side_of(row.ci_low, row.ci_high, 0) == side for row in rows)
    estimates = [row.estimate for row in rows]
    limits = interval_words(
        pooled.ci_low, pooled.ci_high, null=0, decimals=DECIMALS, level=pooled.level
    )
    return (
        f"Pooled SMD {number(pooled.estimate, DECIMALS)}, {limits}; without one trial between "
        f"{number(min(estimates), DECIMALS)} and {number(max(estimates), DECIMALS)}, its interval "
        f"on the same side in {count(same)} of {count(len(rows))}."
    )


def influence_plot(result: "Synthesis") -> Figure:
    """Draw three panels with one line per trial.

    Raises
    ------
    RenderError
        There are too few trials for it.
    """
    if not result.influence:
        raise RenderError(
            f"{len(result.trials)} trials are too few to see what each does to the pooled effect. "
            "Leave the figure out."
        )
    rows = result.influence
    names = [trial.label for trial in result.trials]
    with house_settings():
        left = 8 + max(text_width(name, SIZES[2]) for name in names)
        height = ROOM + STEP * len(rows)
        figure, panels = open_chart(height, panels=3, left=left, gap=16, top=TOP)
        for axes in panels:
            axes.set(ylim=(len(rows) - 0.4, -0.6), yticks=range(len(rows)), yticklabels=())
            axes.tick_params(axis="y", length=0)
            axes.margins(x=PAD)
        panels[0].set_yticklabels(names, fontproperties=letters(SIZES[2]))
        _points(panels[0], rows, [row.rstudent for row in rows])
        panels[0].axvline(0, color=GREY, linewidth=0.6)
        _points(panels[1], rows, [row.cook_d for row in rows])
        for y, row in enumerate(rows):
            panels[2].plot([row.ci_low, row.ci_high], [y, y], color=BLACK, linewidth=0.8)
        _points(panels[2], rows, [row.estimate for row in rows])
        panels[2].axvline(result.pooled.estimate, color=VERMILLION, linewidth=0.9, linestyle="--")
        name_axes(panels[0], "Studentised residual")
        name_axes(panels[1], "Cook's distance")
        name_axes(panels[2], "Pooled effect without the trial")
    return figure


def _points(axes: Axes, rows: "tuple[TrialInfluence, ...]", values: list[float]) -> None:
    for y, (row, value) in enumerate(zip(rows, values, strict=True)):
        marked = row.outlier or row.influential
        colour = VERMILLION if marked else BLUE
        axes.plot(
            [value], [y], "D" if marked else "o", markersize=4.5 if marked else 3.5, color=colour
        )
