"""Figure 1: the flow of trials and participants, after PRISMA-IPD."""

from itertools import pairwise

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.aggregate_protocol import Plan
from analysis.figures.flow_layout import (
    BAND,
    DOWN,
    MARGIN,
    PADDING,
    Diagram,
    Placed,
    arrange_flow,
)
from analysis.figures.flow_text import alt_text, withheld_notes
from analysis.figures.layout import EDGE, LINE
from analysis.figures.sheet import Sheet, open_sheet
from analysis.figures.show import ShownFigure, show_figure
from analysis.figures.style import BLACK, PALE, WIDTH, house_settings, letters
from analysis.results.eligible import Flow

RULE = 0.8
HEAD = 7.0  # of an arrow

Point = tuple[float, float]


def draw(flow: Flow, protocol: Plan, *, label: str, caption: str) -> ShownFigure:
    """Show the flow diagram in a document, with alternative text.

    Parameters
    ----------
    flow, protocol
        What to show, and the plan that names its parts.
    label
        For cross-references, such as ``fig-flow``.
    caption
        Without the note on the data, which is added.
    """
    notes = [protocol.data_note] if protocol.data_status == "synthetic" else []
    notes += withheld_notes(flow, protocol)
    return show_figure(
        flow_diagram(flow, protocol),
        label=label,
        caption=caption,
        notes=notes,
        alt=alt_text(flow, protocol),
    )


def flow_diagram(flow: Flow, protocol: Plan) -> Figure:
    """Draw the flow diagram; layers of the search that the protocol does not give are left out.

    Raises
    ------
    RenderError
        The diagram does not fit on a page.
    """
    diagram = arrange_flow(flow, protocol)
    with house_settings():
        sheet = open_sheet(diagram.height, diagram.size)
        for phase, top, bottom in diagram.phases:
            _draw_phase(sheet, phase, top, bottom)
        for box in diagram.boxes:
            _draw_box(sheet, box)
        _draw_arrows(sheet, diagram)
    return sheet.figure


def _draw_phase(sheet: Sheet, name: str, top: float, bottom: float) -> None:
    sheet.axes.add_patch(Rectangle((EDGE, top), BAND, bottom - top, facecolor=PALE, linewidth=0))
    sheet.axes.text(
        EDGE + BAND / 2,
        (top + bottom) / 2,
        name,
        rotation=90,
        ha="center",
        va="center",
        fontproperties=letters(sheet.size, bold=True),
        color=BLACK,
        parse_math=False,
    )


def _draw_box(sheet: Sheet, box: Placed) -> None:
    frame = Rectangle(
        (box.left, box.top),
        box.width,
        box.height,
        facecolor="white",
        edgecolor=BLACK,
        linewidth=RULE,
        linestyle="--" if box.leaves else "-",
    )
    sheet.axes.add_patch(frame)
    for number, line in enumerate(box.lines):
        middle = box.top + PADDING + (number + 0.5) * LINE * sheet.size
        sheet.write(box.left + PADDING + line.indent, middle, line.text, bold=line.bold)


def _draw_arrows(sheet: Sheet, diagram: Diagram) -> None:
    going = [box for box in diagram.boxes if not box.leaves]
    trunk = [box for box in going if not _is_end(box)]
    for box, following in pairwise(trunk):
        _arrow(sheet, (box.middle, box.top + box.height), (box.middle, following.top))
    for box in diagram.boxes:
        beside = [each for each in trunk if each.top == box.top]
        if box.leaves and beside:
            level = box.top + min(box.height, beside[0].height) / 2
            _arrow(sheet, (beside[0].left + beside[0].width, level), (box.left, level))
    ends = [box for box in going if _is_end(box)]
    first_row = [box for box in ends if box.top == ends[0].top and box.name != "published"]
    if trunk and first_row:
        _fork(sheet, trunk[-1], first_row)
    absent, published = diagram.named("not_obtained"), diagram.named("published")
    if absent and published:
        _past(sheet, absent, published)


def _is_end(box: Placed) -> bool:
    return box.name.startswith("analysed") or box.name == "published"


def _fork(sheet: Sheet, start: Placed, ends: list[Placed]) -> None:
    """Lead from one box to several."""
    level = ends[0].top - DOWN / 2
    _line(sheet, (start.middle, start.top + start.height), (start.middle, level))
    reach = [start.middle, *(box.middle for box in ends)]
    _line(sheet, (min(reach), level), (max(reach), level))
    for box in ends:
        _arrow(sheet, (box.middle, level), (box.middle, box.top))


def _past(sheet: Sheet, start: Placed, end: Placed) -> None:
    """Lead from a box that leaves down to the last row, past the boxes below it."""
    x = WIDTH - EDGE - MARGIN / 2
    level = start.top + start.height / 2
    _line(sheet, (start.left + start.width, level), (x, level))
    _arrow(sheet, (x, level), (x, end.top))


def _line(sheet: Sheet, start: Point, end: Point) -> None:
    xs, ys = zip(start, end, strict=True)
    sheet.axes.plot(xs, ys, color=BLACK, linewidth=RULE, solid_capstyle="projecting")


def _arrow(sheet: Sheet, start: Point, end: Point) -> None:
    look = {"arrowstyle": "-|>", "linewidth": RULE, "color": BLACK, "mutation_scale": HEAD}
    sheet.axes.annotate("", xy=end, xytext=start, arrowprops={**look, "shrinkA": 0, "shrinkB": 0})
