"""Tables of the searches for subgroups: thresholds, apparent beside corrected effects, use."""

from collections.abc import Mapping, Sequence
from typing import Any

from great_tables import GT

from analysis.formats import DASH, count, number, percent, unbroken, with_interval
from analysis.protocol import Protocol
from analysis.results.subgroup_search import Corrected, Effect, Found, PeelSearch, TreeSearch
from analysis.results.subgroup_search_text import (
    first_capital,
    question_text,
    rule_text,
    unit_text,
)
from analysis.results.subgroup_search_use import Decision, Use
from analysis.tables.frame import table_of
from analysis.tables.notes import finished

NO_BREAK = "\N{NO-BREAK SPACE}"
TREE_COLUMNS = (
    "outcome", "rule", "n", "effect", "optimism", "plus", "difference", "difference_plus",
)  # fmt: skip
DECISIONS: dict[Decision, str] = {
    "both": "Both",
    "neither": "Neither",
    "inside": "Subgroup only",
    "outside": "Rest only",
    "unknown": DASH,
}


def thresholds_table(search: PeelSearch, protocol: Protocol) -> GT:
    """Lay out the boxes of a search by size (Hee 2021, Table 3), apparent beside corrected.

    Parameters
    ----------
    search
        Directed peeling of one outcome, with at least one box.
    protocol
        The plan.
    """
    covariates = [
        name for name in protocol.modifiers
        if any(one.covariate == name for _, box in search.boxes for one in box.rule)
    ]  # fmt: skip
    cells = [_box_cells(box, covariates, search, protocol) for _, box in search.boxes]
    labels: dict[str, Any] = {name: _threshold_label(name, search, protocol) for name in covariates}
    table = (
        table_of(cells, rowname_col="size", name="thresholds")
        .tab_stubhead("Size, %")
        .cols_label(
            {
                **labels,
                "n": "n",
                "effect": f"Apparent ({_level(protocol)})",
                "corrected": "Corrected",
                "difference": f"Apparent ({_level(protocol)})",
                "corrected_difference": "Corrected",
            }
        )
        .cols_align(
            "right",
            [*covariates, *(name for name in cells[0] if name not in {"size", *covariates})],
        )
        .cols_width(_threshold_widths(labels))
    )
    table = table.tab_spanner("Thresholds", covariates) if covariates else table
    table = table.tab_spanner("Effect in the subgroup", ["effect", "corrected"])
    table = table.tab_spanner("Difference from the rest", ["difference", "corrected_difference"])
    meaning = (
        f"Effects ({unit_text(search.asked, protocol)}), positive=benefit. {DASH}=not restricted. "
        f"Corrected: .632+ estimate, {search.bootstrap} bootstrap samples."
    )
    left = [
        f"{protocol.modifiers[name].label}: not peeled, {why}."
        for name, why in search.left_out.items()
    ]
    missed = [f"No box of {100 * float(k):g}%: {why}." for k, why in search.not_reached.items()]
    return finished(table, protocol, abbreviations=("CI",), notes=[meaning, *left, *missed])


def _threshold_widths(labels: Mapping[str, str]) -> dict[str, str]:
    """Share the width of the page: the effects with their intervals get most of it."""
    least = {"size": 6, "n": 7, "effect": 17, "corrected": 10, "difference": 16}
    least["corrected_difference"] = 10
    words = {name: max(8, max(map(len, label.split())) + 2) for name, label in labels.items()}
    spare = max(0, 100 - sum(least.values()) - sum(words.values())) / 2
    wide = {name: least[name] + spare for name in ("effect", "difference")}
    shares = least | words | wide
    total = max(100.0, sum(shares.values()))
    return {name: f"{100 * share / total:.3g}%" for name, share in shares.items()}


def _level(protocol: Protocol) -> str:
    return f"{100 * protocol.model.level:g}%{NO_BREAK}CI"


def _threshold_label(name: str, search: PeelSearch, protocol: Protocol) -> str:
    sides = {one.side for _, box in search.boxes for one in box.rule if one.covariate == name}
    sign = "<" if "below" in sides else ">"
    return f"{protocol.modifiers[name].label.partition(' (')[0]} ({sign})"


def _box_cells(
    box: Found, covariates: Sequence[str], search: PeelSearch, protocol: Protocol
) -> dict[str, str]:
    decimals = protocol.outcomes[search.asked.outcome].decimals
    values = {one.covariate: one.value for one in box.rule}
    cells = {"size": percent(box.share, 1).rstrip("%")}
    for name in covariates:
        value = values.get(name)
        cells[name] = DASH if value is None else _threshold(value, name, search, protocol)
    honest = box.honest
    return cells | {
        "n": count(box.n),
        "effect": _effect(box.effect, decimals),
        "corrected": _corrected(honest.effect if honest else None, decimals),
        "difference": _effect(box.difference, decimals),
        "corrected_difference": _corrected(honest.difference if honest else None, decimals),
    }


def _threshold(value: float, name: str, search: PeelSearch, protocol: Protocol) -> str:
    """Print a threshold with as many decimals as its column needs."""
    column = [
        one.value for _, box in search.boxes for one in box.rule
        if one.covariate == name and one.value is not None
    ]  # fmt: skip
    whole = all(each == round(each) for each in column)
    return number(value, 0 if whole else protocol.modifiers[name].decimals)


def _effect(effect: Effect | None, decimals: int) -> str:
    if effect is None or effect.estimate is None:
        return DASH
    return unbroken(with_interval(effect.estimate, effect.ci_low, effect.ci_high, decimals))


def _corrected(found: Corrected | None, decimals: int) -> str:
    return number(found.point632_plus if found else None, decimals)


def tree_subgroups_table(trees: Sequence[TreeSearch], protocol: Protocol) -> GT:
    """Lay out the subgroups of trees: apparent beside corrected effects; trees without say so."""
    cells = [row for tree in trees for row in _tree_cells(tree, protocol)]
    level = _level(protocol)
    table = (
        table_of(
            cells, columns=list(TREE_COLUMNS),
            rowname_col="rule",
            groupname_col="outcome",
            name="tree-subgroups",
        )
        .tab_stubhead("Subgroup")
        .tab_spanner("Effect in the subgroup", ["effect", "optimism", "plus"])
        .tab_spanner("Difference from the rest", ["difference", "difference_plus"])
        .cols_label(
            n="n (trials)",
            effect=f"Apparent ({level})",
            optimism="Less optimism",
            plus=".632+",
            difference=f"Apparent ({level})",
            difference_plus=".632+",
        )
        .cols_align("right", ["n", "effect", "optimism", "plus", "difference", "difference_plus"])
        .cols_width(
            {"rule": "29%", "n": "12%", "effect": "18%", "optimism": "11%", "plus": "7%",
             "difference": "16%", "difference_plus": "7%"}
        )
    )  # fmt: skip
    return finished(table, protocol, abbreviations=("CI",), notes=[_tree_meaning(trees)])


def _tree_meaning(trees: Sequence[TreeSearch]) -> str:
    scale = "Effects on each outcome's own scale, positive=benefit."
    samples = max((tree.bootstrap for tree in trees), default=0)
    if not samples:
        return f"{scale} Nothing was split, so that nothing was corrected."
    return (
        f"{scale} Less optimism: the apparent effect less its mean optimism in bootstrap samples; "
        f".632+: between the apparent effect and that on participants not drawn ({samples} "
        "samples). The bootstrap repeats the whole search in every sample."
    )


def _tree_cells(tree: TreeSearch, protocol: Protocol) -> list[dict[str, str]]:
    decimals = protocol.outcomes[tree.asked.outcome].decimals
    blank = dict.fromkeys(("n", "optimism", "plus", "difference", "difference_plus"), DASH)
    title = {"outcome": first_capital(question_text(tree.asked, protocol))}
    if tree.not_searched:
        return [{**title, "rule": f"Not searched: {tree.not_searched}", "effect": DASH, **blank}]
    everybody = {
        **title,
        "rule": "Everybody" if tree.leaves else "No subgroup: everybody",
        **blank,
        "n": f"{count(tree.participants)} ({tree.trials})",
        "effect": _effect(tree.overall, decimals),
    }
    rows = []
    for leaf in tree.leaves:
        group, honest = leaf.group, leaf.group.honest
        less = honest.effect.corrected if honest else None
        rows.append(
            {
                **title,
                "rule": first_capital(rule_text(group.rule, protocol)),
                "n": f"{count(group.n)} ({group.trials})",
                "effect": _effect(group.effect, decimals),
                "optimism": number(less, decimals),
                "plus": _corrected(honest.effect if honest else None, decimals),
                "difference": _effect(group.difference, decimals),
                "difference_plus": _corrected(honest.difference if honest else None, decimals),
            }
        )
    return [everybody, *rows]


def use_table(uses: Sequence[Use], protocol: Protocol) -> GT:
    """Lay out what a clinician would need: size, corrected effect inside and outside, decision."""
    cells = [_use_cells(use, protocol) for use in uses]
    table = (
        table_of(cells, rowname_col="rule", groupname_col="question", name="use")
        .tab_stubhead("Subgroup (method)")
        .tab_spanner("Corrected effect", ["inside", "outside", "gain"])
        .cols_label(
            share="Size, %",
            inside="Subgroup",
            outside="Rest",
            gain="Difference",
            difference=f"Apparent difference ({_level(protocol)})",
            worthwhile="Smallest worthwhile",
            decision="Worthwhile in",
        )
        .cols_align("right", ["share", "inside", "outside", "gain", "difference", "worthwhile"])
        .cols_width(
            {"rule": "26%", "share": "6%", "inside": "10%", "outside": "6%", "gain": "11%",
             "difference": "18%", "worthwhile": "12%", "decision": "11%"}
        )
    )  # fmt: skip
    meaning = (
        "Corrected: .632+ estimate of the bootstrap, on each outcome's own scale. The subgroup "
        "with the greatest effect of each tree, and one box of directed peeling for each outcome. "
        "Worthwhile in: where the corrected effect reaches the smallest worthwhile one."
    )
    return finished(table, protocol, abbreviations=("CI",), notes=[meaning])


def _use_cells(use: Use, protocol: Protocol) -> dict[str, str]:
    decimals = protocol.outcomes[use.asked.outcome].decimals
    rule = first_capital(rule_text(use.group.rule, protocol))
    return {
        "question": first_capital(question_text(use.asked, protocol)),
        "rule": f"{rule} ({use.method})",
        "share": percent(use.group.share, 1).rstrip("%"),
        "inside": number(use.inside, decimals),
        "outside": number(use.outside, decimals),
        "gain": number(use.gain, decimals),
        "difference": _effect(use.group.difference, decimals),
        "worthwhile": number(use.worthwhile, decimals),
        "decision": DECISIONS[use.decision],
    }
