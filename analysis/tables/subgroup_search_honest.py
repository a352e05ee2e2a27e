"""Tables of honesty: four ways to correct a subgroup for its search, and what repetitions chose."""

from collections.abc import Mapping, Sequence

from great_tables import GT

from analysis.formats import DASH, number, unbroken, with_interval
from analysis.protocol import Protocol
from analysis.results.labels import in_sentence
from analysis.results.subgroup_search import (
    Choice,
    Corrected,
    Effect,
    Honest,
    PeelSearch,
    TreeSearch,
)
from analysis.results.subgroup_search_text import first_capital, question_text, rule_text
from analysis.results.subgroup_search_use import Use
from analysis.tables.frame import table_of
from analysis.tables.notes import finished

NO_BREAK = "\N{NO-BREAK SPACE}"


def honesty_table(uses: Sequence[Use], protocol: Protocol) -> GT:
    """Lay out subgroups as found beside every correction for the search that found them.

    Parameters
    ----------
    uses
        The subgroups, as they are judged.
    protocol
        The plan.
    """
    rows = [row for use in uses for row in _honesty_rows(use, protocol)]
    level = f"{100 * protocol.model.level:g}%{NO_BREAK}CI"
    columns = ("group", "what", "apparent", "optimism", "out", "plus", "elsewhere", "trials")
    table = (
        table_of(
            rows, columns=list(columns),
            rowname_col="what",
            groupname_col="group",
            name="honesty",
        )
        .tab_spanner("Bootstrap", ["optimism", "out", "plus"])
        .tab_spanner(f"{protocol.unit[1].capitalize()} left out", ["elsewhere", "trials"])
        .cols_label(
            apparent=f"Apparent ({level})",
            optimism="Less optimism",
            out="Out of bag",
            plus=".632+",
            elsewhere=f"Pooled ({level})",
            trials="k",
        )
        .cols_align("right", list(columns[2:]))
        .cols_width(
            {"what": "24%", "apparent": "20%", "optimism": "11%", "out": "9%", "plus": "8%",
             "elsewhere": "23%", "trials": "5%"}
        )
    )  # fmt: skip
    one, many = protocol.unit
    meaning = (
        "Effects on each outcome's own scale, positive=benefit. Less optimism: apparent less mean "
        "optimism. Out of bag: in participants whom the samples did not draw. .632+: between "
        f"apparent and out of bag. {many.capitalize()} left out: each {one} in turn, the search "
        f"repeated in the others and what it found tried there; pooled over the k {many} with "
        f"enough participants. {DASH}=not estimable: fewer than three {many}, or no such subgroup "
        "in the others."
    )
    return finished(table, protocol, abbreviations=("CI",), notes=[meaning])


def _honesty_rows(use: Use, protocol: Protocol) -> list[dict[str, str]]:
    group, decimals = use.group, protocol.outcomes[use.asked.outcome].decimals
    rule = rule_text(group.rule, protocol)
    honest = group.honest
    about = {"group": f"{first_capital(question_text(use.asked, protocol))}: {rule} ({use.method})"}
    away = honest.elsewhere if honest else None
    inside = _cells(group.effect, honest.effect if honest else None, decimals)
    inside |= _elsewhere(away.effect if away else None, away.trials if away else 0, decimals)
    gain = _cells(group.difference, honest.difference if honest else None, decimals)
    gain |= _elsewhere(away.difference if away else None, away.compared if away else 0, decimals)
    return [
        {**about, "what": "Effect in subgroup", **inside},
        {**about, "what": "Difference from rest", **gain},
    ]


def _cells(apparent: Effect | None, after: Corrected | None, decimals: int) -> dict[str, str]:
    return {
        "apparent": _effect(apparent, decimals),
        "optimism": number(after.corrected if after else None, decimals),
        "out": number(after.out_of_bag if after else None, decimals),
        "plus": number(after.point632_plus if after else None, decimals),
    }


def _elsewhere(effect: Effect | None, trials: int, decimals: int) -> dict[str, str]:
    return {"elsewhere": _effect(effect, decimals), "trials": str(trials) if trials else DASH}


def _effect(effect: Effect | None, decimals: int) -> str:
    if effect is None or effect.estimate is None:
        return DASH
    return unbroken(with_interval(effect.estimate, effect.ci_low, effect.ci_high, decimals))


def choices_table(
    trees: Sequence[TreeSearch], peelings: Sequence[PeelSearch], size: float, protocol: Protocol
) -> GT:
    """Lay out how often the repetitions of each search chose each covariate.

    Parameters
    ----------
    trees, peelings
        The searches; those that found nothing were not repeated and are left out.
    size
        Of the boxes that are counted; trees are counted whole.
    protocol
        The plan.
    """
    rows = [
        {
            "question": first_capital(question_text(tree.asked, protocol)),
            "method": "Tree, any split",
            "found": _percent(tree.leaves[0].group.honest),
            "chosen": _shares(tree.chosen, protocol),
        }
        for tree in trees
        if tree.leaves
    ] + [
        {
            "question": first_capital(question_text(peel.asked, protocol)),
            "method": f"Box of {100 * size:g}%",
            "found": _percent(box.honest),
            "chosen": _shares(_of_box(peel, box.honest.choices), protocol),
        }
        for peel in peelings
        for wanted, box in peel.boxes
        if wanted == size and box.honest
    ]
    columns = ("question", "method", "found", "chosen")
    order = {row["question"]: place for place, row in reversed(list(enumerate(rows)))}
    rows.sort(key=lambda row: order[row["question"]])
    table = (
        table_of(
            rows, columns=columns, rowname_col="method", groupname_col="question", name="choices"
        )
        .tab_stubhead("Search")
        .cols_label(found="Found, %", chosen="Covariate (% of samples that cut it)")
        .cols_align("right", ["found"])
        .cols_align("left", ["chosen"])
        .cols_width({"method": "20%", "found": "12%", "chosen": "68%"})
    )
    tree_samples = max((tree.bootstrap for tree in trees), default=0)
    peel_samples = max((peel.bootstrap for peel in peelings), default=0)
    meaning = (
        f"Of {tree_samples} bootstrap samples for trees and {peel_samples} for boxes. Found: "
        "samples in which the search found a subgroup, or a box of this size. Trees without a "
        "split were not repeated."
    )
    return finished(table, protocol, notes=[meaning])


def _of_box(peel: PeelSearch, choices: Sequence[Choice]) -> dict[str, float]:
    """Share by covariate: a box has one side of each."""
    shares = dict.fromkeys(peel.chosen, 0.0)
    return shares | {each.covariate: each.share for each in choices}


def _shares(shares: Mapping[str, float], protocol: Protocol) -> str:
    parts = [
        f"{_short(name, protocol)}{NO_BREAK}({100 * share:.0f})"
        for name, share in sorted(shares.items(), key=lambda item: -item[1])
    ]
    return first_capital(", ".join(parts)) or DASH


def _short(name: str, protocol: Protocol) -> str:
    label = protocol.modifiers[name].label.partition(" (")[0]
    return in_sentence(label).replace(" ", NO_BREAK)


def _percent(honest: Honest | None) -> str:
    return DASH if honest is None else f"{100 * honest.found:.0f}"
