"""Directed peeling: the effect against the size of the subgroup, apparent and corrected."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.errors import ResultError
from analysis.figures.axis import span, tick_label, ticks
from analysis.figures.show import ShownFigure, show_figure
from analysis.figures.style import (
    BLACK,
    BLUE,
    GREY,
    SIZES,
    VERMILLION,
    WIDTH,
    house_settings,
    letters,
    new_figure,
)
from analysis.formats import in_words, number
from analysis.protocol import Protocol
from analysis.results.subgroup_search import PeelSearch
from analysis.results.subgroup_search_text import question_text, rule_text

ACROSS = 3
LEFT, RIGHT, GAP = 34.0, 6.0, 34.0  # points: for the effect axis, at the edge, between panels
ABOVE, PANEL, BELOW, KEY = 22.0, 98.0, 32.0, 20.0
SIZE = SIZES[1]


@dataclass(frozen=True, slots=True)
class Look:
    """Colour and line of a series."""

    color: str
    linestyle: Literal["-", "--"]


LINES = {"apparent": Look(BLUE, "-"), "corrected": Look(VERMILLION, "--")}

PALE = "#E4E4E4"  # of the lines behind the curves

__all__ = ["alt_text", "draw", "notes", "trajectories"]


def draw(
    peelings: Sequence[PeelSearch], protocol: Protocol, *, label: str, caption: str
) -> ShownFigure:
    """Show trajectories in a document, one panel per search, with notes and alternative text.

    Parameters
    ----------
    peelings, protocol
        What to show, and the plan that names its parts.
    label
        For cross-references, such as ``fig-peeling``.
    caption
        Without the notes, which are added.
    """
    return show_figure(
        trajectories(peelings, protocol),
        label=label,
        caption=caption,
        notes=notes(peelings, protocol),
        alt=alt_text(peelings, protocol),
    )


def trajectories(peelings: Sequence[PeelSearch], protocol: Protocol) -> Figure:
    """Draw one panel for each search that found boxes.

    Raises
    ------
    ResultError
        No search found a box.
    """
    shown = [each for each in peelings if each.boxes]
    if not shown:
        raise ResultError("No box was found by directed peeling. Leave the figure out.")
    rows = -(-len(shown) // ACROSS)
    height = rows * (ABOVE + PANEL + BELOW) + KEY
    with house_settings():
        figure = new_figure(height)
        for index, search in enumerate(shown):
            axes = _open_panel(figure, height, index)
            _draw_panel(axes, search)
            _label(axes, search, protocol)
        _draw_key(figure, protocol)
    return figure


def _open_panel(figure: Figure, height: float, index: int) -> Axes:
    width = (WIDTH - LEFT - RIGHT - (ACROSS - 1) * GAP) / ACROSS
    row, column = divmod(index, ACROSS)
    left = LEFT + column * (width + GAP)
    bottom = height - row * (ABOVE + PANEL + BELOW) - ABOVE - PANEL
    return figure.add_axes((left / WIDTH, bottom / height, width / WIDTH, PANEL / height))


def _draw_panel(axes: Axes, search: PeelSearch) -> None:
    """Draw the interval, the two lines, the effect in everybody and that of no effect."""
    boxes = [box for _, box in search.boxes]
    sizes = [box.share for box in boxes]
    lows = [_or_nan(box.effect.ci_low) for box in boxes]
    highs = [_or_nan(box.effect.ci_high) for box in boxes]
    axes.fill_between(sizes, lows, highs, color=BLUE, alpha=0.15, linewidth=0, zorder=1)
    axes.axhline(0, color=BLACK, linewidth=0.7, zorder=1)
    if search.overall.estimate is not None:
        axes.axhline(search.overall.estimate, color=GREY, linewidth=0.8, linestyle=":", zorder=2)
    corrected = [_or_nan(box.honest.effect.point632_plus if box.honest else None) for box in boxes]
    apparent = [_or_nan(box.effect.estimate) for box in boxes]
    for name, values in (("apparent", apparent), ("corrected", corrected)):
        look = LINES[name]
        axes.plot(
            sizes, values, color=look.color, linestyle=look.linestyle, linewidth=1.4, zorder=3
        )


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _label(axes: Axes, search: PeelSearch, protocol: Protocol) -> None:
    """Give a panel its axes and its title; large subgroups stand on the left."""
    bands = [
        (box.effect.ci_low, box.effect.ci_high)
        for _, box in search.boxes
        if box.effect.ci_low is not None and box.effect.ci_high is not None
    ]
    low, high = span(bands, [0.0], "linear")  # of a forest plot, which may cut long intervals
    limits = min([low, *(one for one, _ in bands)]), max([high, *(one for _, one in bands)])
    marks = ticks(*limits, "linear")
    axes.set(ylim=limits, xlim=(1.0, 0.0))
    axes.set_yticks(marks, [tick_label(mark) for mark in marks])
    shares = (1.0, 0.8, 0.6, 0.4, 0.2, 0.0)
    axes.set_xticks(shares, [f"{100 * share:.0f}" for share in shares])
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(left=False, bottom=False, pad=2)
    axes.grid(axis="y", color=PALE, linewidth=0.5)
    axes.set_axisbelow(True)
    for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        text.set_fontproperties(letters(SIZES[-1]))
    plan = protocol.outcomes[search.asked.outcome]
    title = f"{plan.label}, {plan.unit}" if plan.unit else plan.label
    axes.set_title(title, loc="left", fontproperties=letters(SIZE, bold=True), pad=5)
    axes.set_xlabel("Size of subgroup, %", fontproperties=letters(SIZES[-1]), labelpad=2)


def _draw_key(figure: Figure, protocol: Protocol) -> None:
    level = f"{100 * protocol.model.level:g}%"
    words = {
        "apparent": f"Apparent effect ({level} CI shaded)",
        "corrected": "Corrected effect (.632+)",
    }
    handles = [
        Line2D(
            [], [], color=LINES[name].color, linestyle=LINES[name].linestyle,
            linewidth=1.4, label=text,
        )
        for name, text in words.items()
    ]  # fmt: skip
    everybody = Line2D([], [], color=GREY, linestyle=":", linewidth=0.8, label="Everybody")
    figure.legend(
        handles=[*handles, everybody],
        loc="lower left",
        bbox_to_anchor=(LEFT / WIDTH, 0.0),
        ncols=3,
        frameon=False,
        borderpad=0,
        borderaxespad=0.2,
        handlelength=2.4,
        columnspacing=1.6,
        prop=letters(SIZE),
    )


def notes(peelings: Sequence[PeelSearch], protocol: Protocol) -> tuple[str, ...]:
    """Sentences that belong under the trajectories: method, what could not be peeled, the data."""
    said = [
        (
            "Effects are on each outcome's own scale; each panel has its own axis. A box is chosen "
            "afresh at every size, so that boxes need not be nested. Everybody: all participants "
            "whose covariates are known."
        )
    ]
    said += [
        f"{protocol.outcomes[each.asked.outcome].label}: {each.not_searched}."
        for each in peelings
        if not each.boxes and each.not_searched
    ]
    samples = sorted({each.bootstrap for each in peelings if each.bootstrap})
    if samples:
        said.append(f"Corrected with {' or '.join(map(str, samples))} bootstrap samples.")
    if protocol.data_status == "synthetic":
        said.append(protocol.data_note)
    return tuple(said)


def alt_text(peelings: Sequence[PeelSearch], protocol: Protocol) -> str:
    """Describe each panel: everybody, the first and the last box, apparent and corrected."""
    shown = [each for each in peelings if each.boxes]
    panels = "one panel" if len(shown) == 1 else f"{in_words(len(shown))} panels"
    sentences = [f"Effect against size of the subgroup in {panels}"]
    for each in shown:
        decimals = protocol.outcomes[each.asked.outcome].decimals
        (_, small), (_, large) = each.boxes[0], each.boxes[-1]
        corrected = small.honest.effect.point632_plus if small.honest else None
        sentences.append(
            f"{question_text(each.asked, protocol)}: everybody "
            f"{number(each.overall.estimate, decimals)}; the box of "
            f"{100 * large.share:.0f}%, {number(large.effect.estimate, decimals)}; that of "
            f"{100 * small.share:.0f}% ({rule_text(small.rule, protocol)}), "
            f"{number(small.effect.estimate, decimals)}, corrected {number(corrected, decimals)}"
        )
    return ". ".join(sentences) + "."
