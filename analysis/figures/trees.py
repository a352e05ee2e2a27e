"""Subgroup trees: a box for each node with its rule, participants and treatment effect."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.errors import ResultError
from analysis.figures.sheet import BASELINE, Sheet, open_sheet
from analysis.figures.show import ShownFigure, show_figure
from analysis.figures.style import BLACK, BLUE, GREY, SIZES, house_settings, letters
from analysis.figures.trees_layout import GAP_X, LINE, PADDING, Box, TreeLayout, arrange
from analysis.formats import count, p_text, with_interval
from analysis.protocol import Protocol
from analysis.results.subgroup_search import TreeSearch
from analysis.results.subgroup_search_text import question_text, rule_text, unit_text

SIZE = SIZES[1]
TINT = "#E5F1F8"  # of the leaves: a pale form of BLUE, on which black letters stay readable

__all__ = ["alt_text", "draw", "draw_each", "notes", "subgroup_tree"]


def draw(tree: TreeSearch, protocol: Protocol, *, label: str, caption: str) -> ShownFigure:
    """Show a tree in a document, with its notes and its alternative text.

    Parameters
    ----------
    tree, protocol
        What to show, and the plan that names its parts.
    label
        For cross-references, such as ``fig-tree-ffbhr``.
    caption
        Without the notes, which are added.
    """
    return show_figure(
        subgroup_tree(tree, protocol),
        label=label,
        caption=caption,
        notes=notes(tree, protocol),
        alt=alt_text(tree, protocol),
    )


def draw_each(trees: Sequence[TreeSearch], protocol: Protocol, *, label: str) -> ShownFigure:
    """Show every tree that has a split, one figure each, or a sentence when there is none.

    Parameters
    ----------
    trees, protocol
        What to show, and the plan that names its parts.
    label
        For cross-references; the key of the outcome is added, as in ``fig-tree-ffbhr``.
    """
    shown = [
        draw(
            tree,
            protocol,
            label=f"{label}-{tree.asked.outcome}",
            caption=f"Tree of subgroups: {question_text(tree.asked, protocol)}.",
        )
        for tree in trees
        if tree.leaves
    ]
    if not shown:
        return ShownFigure("No tree has a split, so that there is none to draw.\n", ())
    paths = tuple(path for each in shown for path in each.paths)
    return ShownFigure("\n".join(each.markdown for each in shown), paths)


def subgroup_tree(tree: TreeSearch, protocol: Protocol) -> Figure:
    """Draw the tree from left to right.

    Raises
    ------
    ResultError
        The tree has no split.
    """
    if not tree.leaves:
        raise ResultError(
            f"The tree of {tree.asked.outcome!r} has no split, so there is nothing to draw. Say so "
            "in the text instead."
        )
    layout = arrange(tree, protocol, SIZE)
    with house_settings():
        sheet = open_sheet(layout.height, SIZE)
        for box in layout.boxes:
            _draw_links(sheet, layout, box)
            _draw_box(sheet, layout, box)
    return sheet.figure


def _draw_box(sheet: Sheet, layout: TreeLayout, box: Box) -> None:
    leaf = not box.node.children
    sheet.axes.add_patch(
        Rectangle(
            (box.left, box.middle - box.height / 2),
            layout.width,
            box.height,
            facecolor=TINT if leaf else "white",
            edgecolor=BLUE if leaf else GREY,
            linewidth=1.0 if leaf else 0.7,
        )
    )
    top = box.middle - box.height / 2 + PADDING
    for place, line in enumerate(box.lines):
        sheet.axes.text(
            box.left + PADDING,
            top + (place + 0.5) * LINE * layout.size + BASELINE * layout.size,
            line.text,
            va="baseline",
            fontproperties=letters(layout.size, bold=line.bold),
            color=BLACK,
            parse_math=False,
        )


def _draw_links(sheet: Sheet, layout: TreeLayout, box: Box) -> None:
    """Draw a bent line from a box to each of its children."""
    start = box.left + layout.width
    for number in box.node.children:
        end = layout.box(number)
        bend = start + GAP_X / 2
        places = [start, bend, bend, end.left], [box.middle, box.middle, end.middle, end.middle]
        sheet.axes.plot(*places, color=GREY, linewidth=0.8, solid_joinstyle="miter", zorder=0)


def notes(tree: TreeSearch, protocol: Protocol) -> tuple[str, ...]:
    """Sentences that belong under a tree."""
    said = (
        "Shaded: the subgroups. k=trials with both arms; n=treated v control; then the effect "
        f"({unit_text(tree.asked, protocol)}) with its {_ci(protocol)} as found. Corrected: .632+ "
        f"estimate of the bootstrap ({tree.bootstrap} samples). Split P: of the interaction of "
        "treatment and side, adjusted for all splits that were tried."
    )
    data = protocol.data_note if protocol.data_status == "synthetic" else ""
    return (said, data) if data else (said,)


def _ci(protocol: Protocol) -> str:
    return f"{100 * protocol.model.level:g}% CI"


def alt_text(tree: TreeSearch, protocol: Protocol) -> str:
    """Describe a tree for a reader who cannot see it: the first split, then every subgroup."""
    decimals = protocol.outcomes[tree.asked.outcome].decimals
    first = p_text(tree.nodes[0].split_p_adjusted)
    question = question_text(tree.asked, protocol)
    many = count(len(tree.leaves))
    sentences = [f"Tree of subgroups, {question}: {many} subgroups; the first split has {first}"]
    for node in tree.leaves:
        effect = node.group.effect
        numbers = with_interval(effect.estimate, effect.ci_low, effect.ci_high, decimals)
        rule = rule_text(node.group.rule, protocol)
        sentences.append(f"{rule}: {count(node.group.n)} participants, effect {numbers}")
    return ". ".join(sentences) + "."
