"""The subgroups of several trees as one forest plot: as found, and corrected (Hee 2021, Fig. 3)."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from analysis.errors import ResultError
from analysis.figures import forest
from analysis.figures.axis import Axis, span, ticks
from analysis.figures.rows import rows_html
from analysis.figures.show import ShownFigure, show_figure
from analysis.figures.specification import Column, Forest, Group, Mark, Reference, Row, Shape
from analysis.formats import count, in_words, number, with_interval
from analysis.protocol import Protocol
from analysis.results.subgroup_search import Effect, Found, TreeSearch
from analysis.results.subgroup_search_text import first_capital, question_text, rule_text

__all__ = ["alt_text", "draw", "notes", "specify", "subgroups_of_trees"]


def draw(
    trees: Sequence[TreeSearch], protocol: Protocol, *, label: str, caption: str
) -> ShownFigure:
    """Show the subgroups of trees in a document, with notes and alternative text.

    Parameters
    ----------
    trees, protocol
        What to show, and the plan that names its parts; trees without a split are named in the
        notes.
    label
        For cross-references, such as ``fig-subgroups``.
    caption
        Without the notes, which are added.
    """
    plot, alt = specify(trees, protocol), alt_text(trees, protocol)
    said = notes(trees, protocol)
    return show_figure(
        forest.draw(plot),
        label=label,
        caption=caption,
        notes=said,
        alt=alt,
        rows=rows_html(plot, label=label, alt=alt, notes=said[-1:]),
    )


def subgroups_of_trees(trees: Sequence[TreeSearch], protocol: Protocol) -> list[Figure]:
    """Draw the forest plot; raises as :func:`specify`."""
    return forest.draw(specify(trees, protocol))


def specify(trees: Sequence[TreeSearch], protocol: Protocol) -> Forest:
    """Say what the forest plot shows.

    Raises
    ------
    ResultError
        No tree has a split.
    """
    shown = [tree for tree in trees if tree.leaves]
    if not shown:
        raise ResultError(
            "No tree has a split, so there is no subgroup to show. Say so in the text instead."
        )
    ci = f"{100 * protocol.model.level:g}% CI"
    return Forest(
        columns=(
            Column("Subgroup", "left"),
            Column("k"),
            Column("Treated", spanner="Participants"),
            Column("Control", spanner="Participants"),
            Column(f"Effect as found\n({ci})", "parts"),
            Column("Cor-\nrected"),
        ),
        plot_before=4,
        preset=protocol.forest_preset,
        groups=tuple(_group(tree, protocol) for tree in shown),
        axis=_axis(shown, protocol),
        references=(Reference(0.0, "No effect (0)", "null"),),
        key=(("square", f"Effect as found with {ci}"), ("diamond", "All participants")),
    )


def _group(tree: TreeSearch, protocol: Protocol) -> Group:
    decimals = protocol.outcomes[tree.asked.outcome].decimals
    label = protocol.outcomes[tree.asked.outcome].label
    largest = max(leaf.group.n for leaf in tree.leaves)
    everybody = _row("All", tree.nodes[0].group, decimals, mark=_mark(tree.overall, "diamond", 1))
    rows = [
        _row(
            first_capital(rule_text(leaf.group.rule, protocol)),
            leaf.group,
            decimals,
            mark=_mark(leaf.group.effect, "square", leaf.group.n / largest),
        )
        for leaf in tree.leaves
    ]
    return Group((*rows, everybody), Row((label, "", "", "", "", ""), kind="heading"))


def _row(label: str, group: Found, decimals: int, *, mark: Mark | None) -> Row:
    effect = group.effect
    honest = group.honest.effect.point632_plus if group.honest else None
    cells = (
        label,
        count(group.trials),
        count(group.treated),
        count(group.controls),
        with_interval(effect.estimate, effect.ci_low, effect.ci_high, decimals),
        number(honest, decimals) if group.honest else "",
    )
    return Row(cells, mark, indent=1)


def _mark(effect: Effect, shape: Shape, area: float) -> Mark | None:
    if effect.estimate is None or effect.ci_low is None or effect.ci_high is None:
        return None
    return Mark(effect.estimate, effect.ci_low, effect.ci_high, shape, area)


def _axis(trees: Sequence[TreeSearch], protocol: Protocol) -> Axis:
    effects = [leaf.group.effect for tree in trees for leaf in tree.leaves]
    intervals = [
        (each.ci_low, each.ci_high)
        for each in (*effects, *(tree.overall for tree in trees))
        if each.ci_low is not None and each.ci_high is not None
    ]
    low, high = span(intervals, [0.0], "linear")
    treatment = protocol.treatment_label(trees[0].asked.comparison)
    sides = ("Favours control", f"Favours {treatment[:1].lower()}{treatment[1:]}")
    if protocol.outcomes[trees[0].asked.outcome].high_effect == "worse":
        sides = sides[::-1]
    label = "Effect on each outcome's own scale"
    return Axis(low, high, ticks(low, high, "linear"), "linear", label, sides, 0.0)


def notes(trees: Sequence[TreeSearch], protocol: Protocol) -> tuple[str, ...]:
    """Sentences that belong under the plot."""
    without = [
        protocol.outcomes[tree.asked.outcome].label
        for tree in trees
        if not tree.leaves and not tree.not_searched
    ]
    samples = max((tree.bootstrap for tree in trees), default=0)
    said = [f"k=trials with both arms. Corrected: .632+ estimate, {samples} bootstrap samples."]
    if without:
        said.append(f"Without a split: {', '.join(without)}.")
    if protocol.data_status == "synthetic":
        said.append(protocol.data_note)
    return tuple(said)


def alt_text(trees: Sequence[TreeSearch], protocol: Protocol) -> str:
    """Describe every subgroup for a reader who cannot see the plot."""
    shown = [tree for tree in trees if tree.leaves]
    many = "tree" if len(shown) == 1 else "trees"
    sentences = [f"Forest plot of the subgroups of {in_words(len(shown))} {many}"]
    for tree in shown:
        decimals = protocol.outcomes[tree.asked.outcome].decimals
        parts = [
            f"{rule_text(leaf.group.rule, protocol)} "
            + with_interval(
                leaf.group.effect.estimate,
                leaf.group.effect.ci_low,
                leaf.group.effect.ci_high,
                decimals,
            )
            for leaf in tree.leaves
        ]
        sentences.append(f"{question_text(tree.asked, protocol)}: {'; '.join(parts)}")
    return ". ".join(sentences) + "."
