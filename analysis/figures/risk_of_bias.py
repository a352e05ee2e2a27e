"""Risk of bias: a traffic light per trial and domain, and a summary of all trials."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.aggregate_protocol import AggregateProtocol
from analysis.errors import RenderError
from analysis.figures.layout import EDGE
from analysis.figures.lights import LIGHT, LIGHTS, draw_light
from analysis.figures.sheet import Sheet, open_sheet
from analysis.figures.show import ShownFigure, show_figure
from analysis.figures.style import (
    BLACK,
    MAX_HEIGHT,
    SIZES,
    WIDTH,
    house_settings,
    text_width,
)
from analysis.formats import count, listing, percent

if TYPE_CHECKING:  # it brings the statistics with it, which no figure needs
    from analysis.results.published_trials import PublishedTrial

OVERALL_LABEL = "Overall"
PANELS, MANY = (2, 3), 40  # columns of trials; the more of them for so many trials
LINE_HEIGHT, COLUMN, GAP = 11.6, 21.0, 18.0
NARROWEST, APART = 14.5, 6.0  # column of lights; its distance from the names
HEAD = 16.0
BAR, BAR_STEP = 14.0, 20.0


def draw_lights(
    trials: "Sequence[PublishedTrial]", protocol: AggregateProtocol, *, label: str, caption: str
) -> ShownFigure:
    """Show the traffic light plot, with the names of the domains in its notes.

    Parameters
    ----------
    trials, protocol
        What to show, and the plan that names the domains.
    label
        For cross-references, such as ``fig-bias``.
    caption
        Without the notes, which are added.
    """
    domains = [f"D{i} {name.lower()}" for i, name in enumerate(protocol.risk_of_bias.values(), 1)]
    return show_figure(
        traffic_lights(trials, protocol),
        label=label,
        caption=caption,
        notes=(f"{'; '.join(domains)}; O overall.", *_data_note(protocol)),
        alt=f"Traffic light plot of {count(len(trials))} trials. {counts_text(trials, protocol)}",
    )


def draw_summary(
    trials: "Sequence[PublishedTrial]", protocol: AggregateProtocol, *, label: str, caption: str
) -> ShownFigure:
    """Show the summary plot; parameters as those of `draw_lights`."""
    return show_figure(
        summary_bars(trials, protocol),
        label=label,
        caption=caption,
        notes=("Numbers in the bars are trials, in the order of the key.", *_data_note(protocol)),
        alt=f"Stacked bars. {counts_text(trials, protocol)}",
    )


def counts_of(
    trials: "Sequence[PublishedTrial]", protocol: AggregateProtocol
) -> dict[str, dict[str, int]]:
    """Count trials by domain, the last of which is overall, and judgment.

    Raises
    ------
    RenderError
        There is no trial, or a judgment that the plot does not know.
    """
    judged = {
        name: [t.risk_of_bias[key] for t in trials] for key, name in protocol.risk_of_bias.items()
    }
    judged[OVERALL_LABEL] = [trial.overall for trial in trials]
    known = protocol.judgments
    strange = sorted({each for values in judged.values() for each in values} - set(known))
    if strange or not trials:
        raise RenderError(
            f"A risk of bias plot knows the judgments {', '.join(known)} of at least one trial, "
            f"but was given {', '.join(strange) or 'no trial'}."
        )
    return {name: {each: values.count(each) for each in known} for name, values in judged.items()}


def counts_text(trials: "Sequence[PublishedTrial]", protocol: AggregateProtocol) -> str:
    """Write the counts of every domain as sentences."""
    said = []
    for name, counts in counts_of(trials, protocol).items():
        parts = [f"{judgment} in {n}" for judgment, n in counts.items() if n]
        said.append(f"{name}: {listing(parts)}")
    return ". ".join(said) + "."


def traffic_lights(trials: "Sequence[PublishedTrial]", protocol: AggregateProtocol) -> list[Figure]:
    """Draw one light per trial and domain, two or three columns of trials on a page.

    Raises
    ------
    RenderError
        As `counts_of`.
    """
    counts_of(trials, protocol)
    rows = int((MAX_HEIGHT - HEAD - 2 * EDGE - 2 * LINE_HEIGHT) // LINE_HEIGHT)
    beside = _beside(trials, protocol)
    pages = max(1, -(-len(trials) // (beside * rows)))
    each = -(-len(trials) // (beside * pages))
    panels = [trials[start : start + each] for start in range(0, len(trials), each)]
    with house_settings():
        return [
            _lights_page(panels[first : first + beside], protocol, beside)
            for first in range(0, len(panels), beside)
        ]


def _beside(trials: "Sequence[PublishedTrial]", protocol: AggregateProtocol) -> int:
    """Say how many columns of trials stand side by side: many trials with short names take more."""
    few, more = PANELS
    names = max(text_width(f"{trial.trial} {trial.year}", SIZES[1]) for trial in trials)
    needed = names + APART + NARROWEST * (len(protocol.risk_of_bias) + 1)
    return more if len(trials) > MANY and needed <= _panel_width(more) else few


def _panel_width(beside: int) -> float:
    return (WIDTH - 2 * EDGE - GAP * (beside - 1)) / beside


def _lights_page(
    panels: Sequence["Sequence[PublishedTrial]"], protocol: AggregateProtocol, beside: int
) -> Figure:
    foot = 2 * EDGE + HEAD + LINE_HEIGHT * max(map(len, panels))
    sheet = open_sheet(foot + 1.5 * LINE_HEIGHT, SIZES[1])
    width = _panel_width(beside)
    column = COLUMN if beside == PANELS[0] else NARROWEST
    heads = [*(f"D{i}" for i in range(1, len(protocol.risk_of_bias) + 1)), "O"]
    for place, trials in enumerate(panels):
        left = EDGE + place * (width + GAP)
        xs = [left + width - column * (len(heads) - i - 0.5) for i in range(len(heads))]
        for x, head in zip(xs, heads, strict=True):
            sheet.write(x, EDGE + HEAD / 2, head, align="center", bold=True)
        sheet.write(left, EDGE + HEAD / 2, protocol.unit[0].capitalize(), bold=True)
        sheet.rule(EDGE + HEAD, (left, left + width), width=0.8)
        for number, trial in enumerate(trials):
            y = EDGE + HEAD + (number + 0.6) * LINE_HEIGHT
            sheet.write(left, y, f"{trial.trial} {trial.year}")
            for x, judgment in zip(xs, [*trial.risk_of_bias.values(), trial.overall], strict=True):
                draw_light(sheet, x, y, judgment)
    _key(sheet, foot + LINE_HEIGHT / 2, protocol)
    return sheet.figure


def summary_bars(trials: "Sequence[PublishedTrial]", protocol: AggregateProtocol) -> Figure:
    """Draw one bar per domain, parted by judgment.

    Raises
    ------
    RenderError
        As `counts_of`.
    """
    counted = counts_of(trials, protocol)
    with house_settings():
        sheet = open_sheet(2 * EDGE + BAR_STEP * (len(counted) + 1) + LINE_HEIGHT, SIZES[0])
        left = EDGE + 10 + max(text_width(n, sheet.size, bold=True) for n in counted)
        room = WIDTH - EDGE - left
        for number, (name, counts) in enumerate(counted.items()):
            y = EDGE + (number + 0.5) * BAR_STEP
            sheet.write(EDGE, y, name, bold=name == OVERALL_LABEL)
            _bar(sheet, (left, y, room), counts)
        _key(sheet, EDGE + (len(counted) + 0.5) * BAR_STEP, protocol)
    return sheet.figure


def _bar(sheet: Sheet, place: tuple[float, float, float], counts: dict[str, int]) -> None:
    """Draw one bar; `place` is its left end, its middle and its length."""
    x, y, room = place
    total = sum(counts.values())
    for judgment, n in counts.items():
        colour, symbol = LIGHTS[judgment]
        length = room * n / total
        corner = (x, y - BAR / 2)
        sheet.axes.add_patch(
            Rectangle(corner, length, BAR, facecolor=colour, edgecolor=BLACK, linewidth=0.5)
        )
        texts = ((f"{symbol} {n} ({percent(n, total)})", 4), (f"{symbol} {n}", 2), (str(n), 0))
        fitting = [
            text for text, space in texts if n and text_width(text, sheet.size) + space <= length
        ]
        if fitting:
            sheet.write(x + length / 2, y, fitting[0], align="center")
        x += length


def _key(sheet: Sheet, y: float, protocol: AggregateProtocol) -> None:
    x = EDGE + LIGHT / 2
    for judgment in protocol.judgments:
        draw_light(sheet, x, y, judgment)
        words = judgment.capitalize() + (" risk" if judgment in {"low", "high"} else "")
        sheet.write(x + LIGHT, y, words)
        x += LIGHT + text_width(words, sheet.size) + 18


def _data_note(protocol: AggregateProtocol) -> tuple[str, ...]:
    return (protocol.data_note,) if protocol.data_status == "synthetic" else ()
