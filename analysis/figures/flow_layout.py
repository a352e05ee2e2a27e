"""Where the boxes of the flow diagram stand: lengths in points, from the top left corner."""

from dataclasses import dataclass
from itertools import groupby

from analysis.aggregate_protocol import Plan
from analysis.errors import RenderError
from analysis.figures.flow_text import PHASES, box_text
from analysis.figures.layout import EDGE, LINE
from analysis.figures.style import MAX_HEIGHT, SIZES, WIDTH, text_width, wrap
from analysis.results.eligible import Flow, FlowBox, FlowStep

BAND = 14.0  # the phases, at the left
BETWEEN = 8.0  # the band and the boxes; boxes side by side
ACROSS = 26.0  # from the boxes that go on to those that leave
DOWN = 15.0  # from one step to the next
PADDING = 4.0  # inside a box
MARGIN = 10.0  # right of the boxes that leave, for the line past them
MOST_BESIDE = 4
INDENT = 6.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text in a box."""

    text: str
    bold: bool = False
    indent: float = 0.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A box with its place."""

    name: str
    lines: tuple[Line, ...]
    left: float
    top: float
    width: float
    height: float
    leaves: bool = False

    @property
    def middle(self) -> float:
        """Half way between its left and its right edge."""
        return self.left + self.width / 2


@dataclass(frozen=True, slots=True)
class Diagram:
    """All boxes, and the top and bottom of each phase."""

    size: float
    height: float
    boxes: tuple[Placed, ...]
    phases: tuple[tuple[str, float, float], ...]

    def named(self, name: str) -> Placed | None:
        """Return the box of a name, if it is there."""
        return next((box for box in self.boxes if box.name == name), None)


def arrange_flow(flow: Flow, protocol: Plan) -> Diagram:
    """Place the boxes, with smaller letters when the page is too short.

    Raises
    ------
    RenderError
        The diagram does not fit on a page.
    """
    for size in SIZES:
        found = _arranged(flow, protocol, size)
        if found.height <= MAX_HEIGHT:
            return found
    raise RenderError(
        f"The flow diagram needs {found.height:.0f} points of height, but a page has "
        f"{MAX_HEIGHT:.0f}. Join reasons in the section search of data/protocol.yml."
    )


def _arranged(flow: Flow, protocol: Plan, size: float) -> Diagram:
    y, boxes, phases = EDGE, [], []
    for phase, steps in groupby(flow.steps, key=lambda step: step.phase):
        start = y
        for step in steps:
            placed = _step(step, protocol, size, y)
            boxes += placed
            y = max(box.top + box.height for box in placed) + DOWN
        y = max(y, start + text_width(PHASES[phase], size, bold=True) + 2 * PADDING + DOWN)
        phases.append((PHASES[phase], start, y - DOWN))
    return Diagram(size, y - DOWN + EDGE, tuple(boxes), tuple(phases))


def _step(step: FlowStep, protocol: Plan, size: float, top: float) -> list[Placed]:
    """Place the boxes of one step: one with one that leaves beside it, or several in rows."""
    left = EDGE + BAND + BETWEEN
    if step.phase == "analysis":
        return _rows(step.boxes, protocol, size, top)
    width = (WIDTH - EDGE - MARGIN - left - ACROSS) / 2
    going = [_placed(box, protocol, size, (left, top, width)) for box in step.boxes]
    if step.left_out:
        place = (left + width + ACROSS, top, width)
        going.append(_placed(step.left_out, protocol, size, place, leaves=True))
    return going


def _rows(boxes: tuple[FlowBox, ...], protocol: Plan, size: float, top: float) -> list[Placed]:
    """Place boxes side by side, all of a row equally high.

    Published results stand at the end of the first row, where the line past the boxes ends.
    """
    left, found = EDGE + BAND + BETWEEN, []
    beside = min(len(boxes), MOST_BESIDE)
    width = (WIDTH - EDGE - left - BETWEEN * (beside - 1)) / beside
    order = [box for box in boxes if box.name != "published"]
    order[beside - 1 : beside - 1] = [box for box in boxes if box.name == "published"]
    for start in range(0, len(order), beside):
        row = [
            _placed(box, protocol, size, (left + i * (width + BETWEEN), top, width))
            for i, box in enumerate(order[start : start + beside])
        ]
        height = max(box.height for box in row)
        found += [
            Placed(b.name, b.lines, b.left, b.top, b.width, height, leaves=b.leaves) for b in row
        ]
        top += height + BETWEEN
    return found


def _placed(
    box: FlowBox,
    protocol: Plan,
    size: float,
    place: tuple[float, float, float],
    *,
    leaves: bool = False,
) -> Placed:
    """Fill a box with its lines; `place` is its left edge, its top and its width."""
    left, top, width = place
    lines = _lines(box, protocol, size, width - 2 * PADDING)
    height = len(lines) * LINE * size + 2 * PADDING
    return Placed(box.name, lines, left, top, width, height, leaves=leaves)


def _lines(box: FlowBox, protocol: Plan, size: float, room: float) -> tuple[Line, ...]:
    text = box_text(box, protocol)
    found = [Line(line, bold=True) for line in wrap(text.title, room, size, bold=True)]
    for each in (text.total, text.before):
        found += [Line(line) for line in wrap(each, room, size)] if each else []
    for part in text.parts:
        for number, line in enumerate(wrap(part, room - 2 * INDENT, size)):
            found.append(Line(line, indent=2 * INDENT if number else INDENT))
    return tuple(found)
