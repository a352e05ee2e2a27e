"""Where the boxes of a subgroup tree stand: everybody on the left, a leaf on each line."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.figures.style import WIDTH, wrap
from analysis.formats import count, number, p_value, with_interval
from analysis.protocol import Protocol
from analysis.results.subgroup_search import TreeNode, TreeSearch
from analysis.results.subgroup_search_text import first_capital, limit_text

GAP_X, GAP_Y = 20.0, 9.0  # between boxes, in points
WIDEST = 150.0  # of a box
PADDING = 4.0
LINE = 1.28  # line height, relative to the letters


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a box."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its place: left edge, middle and height in points, and what it says."""

    node: TreeNode
    left: float
    middle: float
    height: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class TreeLayout:
    """All boxes, their common width, the height of the page, the size of letters."""

    boxes: tuple[Box, ...]
    width: float
    height: float
    size: float

    def box(self, number: int) -> Box:
        """Find the box of a node."""
        return next(box for box in self.boxes if box.node.number == number)


def arrange(tree: TreeSearch, protocol: Protocol, size: float) -> TreeLayout:
    """Place the nodes of a tree, leaves from top to bottom in the order of the splits."""
    depth = max(node.depth for node in tree.nodes)
    width = min(WIDEST, (WIDTH - 2 - depth * GAP_X) / (depth + 1))
    texts = {
        node.number: box_lines(node, tree, protocol, width - 2 * PADDING, size)
        for node in tree.nodes
    }
    heights = {k: len(lines) * LINE * size + 2 * PADDING for k, lines in texts.items()}
    middles: dict[int, float] = {}
    bottom = _place(0, tree.nodes, heights, middles, 1.0)
    boxes = tuple(
        Box(node, 1 + node.depth * (width + GAP_X), middles[k], heights[k], texts[k])
        for k, node in ((node.number, node) for node in tree.nodes)
    )
    lowest = max(box.middle + box.height / 2 for box in boxes)
    return TreeLayout(boxes, width, max(bottom, lowest) + 1, size)


def _place(
    number: int,
    nodes: Sequence[TreeNode],
    heights: dict[int, float],
    middles: dict[int, float],
    top: float,
) -> float:
    """Put a node at the middle of its children; the first free height below all of them."""
    node = nodes[number]
    if not node.children:
        middles[number] = top + heights[number] / 2
        return top + heights[number] + GAP_Y
    start = top + max(0.0, (heights[number] - _depth_of(node, nodes, heights)) / 2)
    below = start
    for child in node.children:
        below = _place(child, nodes, heights, middles, below)
    first, last = middles[node.children[0]], middles[node.children[-1]]
    middles[number] = (first + last) / 2
    return max(below, top + heights[number] + GAP_Y)


def _depth_of(node: TreeNode, nodes: Sequence[TreeNode], heights: dict[int, float]) -> float:
    """Height that the leaves below a node take."""
    if not node.children:
        return heights[node.number]
    below = [_depth_of(nodes[child], nodes, heights) for child in node.children]
    return sum(below) + GAP_Y * (len(below) - 1)


def box_lines(
    node: TreeNode, tree: TreeSearch, protocol: Protocol, width: float, size: float
) -> tuple[Line, ...]:
    """Write a node: its last condition, trials and participants, effects, the split's P."""
    group, decimals = node.group, protocol.outcomes[tree.asked.outcome].decimals
    rule = limit_text(group.rule[-1], protocol) if group.rule else "everybody"
    effect = with_interval(
        group.effect.estimate, group.effect.ci_low, group.effect.ci_high, decimals
    )
    lines = [Line(text, bold=True) for text in wrap(first_capital(rule), width, size, bold=True)]
    arms = f"k={group.trials}, n={count(group.treated)} v {count(group.controls)}"
    lines += [Line(text) for text in (*wrap(arms, width, size), *wrap(effect, width, size))]
    if group.honest:
        corrected = number(group.honest.effect.point632_plus, decimals)
        lines.append(Line(f"corrected {corrected}"))
    if node.children:
        adjusted = p_value(node.split_p_adjusted)
        lines.append(Line(f"split P{'' if adjusted[0] in '<>' else '='}{adjusted}"))
    return tuple(lines)
