"""What was planned: the arms of the trials (Table 1), the settings of the searches."""

from collections.abc import Sequence

from great_tables import GT

from analysis.errors import ResultError
from analysis.formats import DASH, count, in_words, number, p_value, unbroken, with_interval
from analysis.protocol import Protocol
from analysis.results.estimates import OverallEffect, TrialRow
from analysis.results.subgroup_search import TreeSearch
from analysis.results.subgroup_search_text import first_capital, limit_text, question_text
from analysis.tables.frame import table_of
from analysis.tables.notes import conventions, finished


def arms_table(rows: Sequence[TrialRow], protocol: Protocol) -> GT:
    """Lay out the arms of each trial, what was given and their group, under the trial's name."""
    cells = [
        {
            "trial": f"{row.label}, {row.country} (n={count(row.participants)})",
            "treatment": arm.label,
            "group": protocol.arms[arm.category].label,
            "n": count(arm.participants),
        }
        for row in sorted(rows, key=lambda row: -row.participants)
        for arm in row.arms
    ]
    table = (
        table_of(cells, rowname_col="treatment", groupname_col="trial", name="arms")
        .tab_stubhead(f"{protocol.unit[0].capitalize()} and intervention")
        .cols_label(group="Group", n="Participants")
        .cols_align("left", ["group"])
        .cols_align("right", ["n"])
        .cols_width({"treatment": "60%", "group": "25%", "n": "15%"})
    )
    note = "Trials from the largest to the smallest; n=participants in the data."
    return finished(table, protocol, notes=[note])


def candidates_table(trees: Sequence[TreeSearch], protocol: Protocol) -> GT:
    """Lay out the best first split of every covariate: what each tree had to choose from."""
    cells = [
        {
            "question": first_capital(question_text(tree.asked, protocol)),
            "split": first_capital(limit_text(each.limit, protocol)),
            "splits": count(each.splits),
            "difference": with_interval(
                each.difference.estimate,
                each.difference.ci_low,
                each.difference.ci_high,
                protocol.outcomes[tree.asked.outcome].decimals,
            ),
            "p": p_value(each.p),
            "adjusted": p_value(each.p_adjusted),
            "any": p_value(tree.global_p) if place == 0 else "",
        }
        for tree in trees
        for place, each in enumerate(tree.candidates)
    ] or [
        dict.fromkeys(("question", "split", "splits", "difference", "p", "adjusted", "any"), DASH)
    ]
    level = f"{100 * protocol.model.level:g}%"
    table = (
        table_of(cells, rowname_col="split", groupname_col="question", name="candidates")
        .tab_stubhead("Best split")
        .cols_label(
            splits="Splits tried",
            difference=f"Difference in effect ({level}\N{NO-BREAK SPACE}CI)",
            p="P",
            adjusted="Adjusted P",
            any="P of any modification",
        )
        .cols_align("right", ["splits", "difference", "p", "adjusted", "any"])
    )
    permutations = max((tree.permutations for tree in trees), default=0)
    note = (
        "Difference: effect on the side that is named less that on the other. Adjusted for the "
        "effective number of splits and for the covariates searched. P of any modification: "
        f"permutation test of the whole tree ({permutations} permutations)."
    )
    return finished(table, protocol, abbreviations=("CI",), notes=[note])


def pairs_table(effects: Sequence[OverallEffect], protocol: Protocol) -> GT:
    """Lay out overall effects of several comparisons, each with its own treatment.

    Parameters
    ----------
    effects
        Overall effects; those without an estimate are counted in a note with the reasons.
    protocol
        The plan.

    Raises
    ------
    ResultError
        None could be estimated.
    """
    ordered = sorted(effects, key=lambda each: list(protocol.comparisons).index(each.comparison))
    shown = [each for each in ordered if each.effect.estimate is not None]
    if not shown:
        raise ResultError("No overall effect could be estimated. Leave the table out.")
    cells = [_pair_cells(each, protocol) for each in shown]
    level = f"{100 * protocol.model.level:g}%"
    table = (
        table_of(cells, rowname_col="outcome", groupname_col="pair", name="pairs")
        .tab_stubhead("Outcome")
        .cols_label(
            trials=f"{protocol.unit[1].capitalize()} with both arms",
            participants="Participants (treated/control)",
            effect=f"Mean difference ({level}\N{NO-BREAK SPACE}CI)",
            p="P value",
            worthwhile="Smallest worthwhile",
        )
        .cols_align("right", ["trials", "participants", "effect", "p", "worthwhile"])
    )
    without = [each for each in ordered if each.effect.estimate is None]
    reasons = dict.fromkeys(each.effect.not_estimable for each in without)
    others = "one other" if len(without) == 1 else f"{in_words(len(without))} others"
    missing = f"Not estimable: {others} ({'; '.join(reasons)})." if without else ""
    note = "Differences in change from baseline on each outcome's own scale, positive=benefit."
    made = conventions((each.effect for each in shown), protocol)
    return finished(table, protocol, abbreviations=("CI",), notes=[note, missing, *made])


def _pair_cells(each: OverallEffect, protocol: Protocol) -> dict[str, str]:
    found, plan = each.effect, protocol.outcomes[each.outcome]
    against = protocol.comparisons[each.comparison].label
    return {
        "pair": f"{protocol.treatment_label(each.comparison)} v {against}",
        "outcome": plan.label,
        "trials": str(found.contrast_trials),
        "participants": (
            f"{count(found.participants)} ({count(found.treated)}/{count(found.controls)})"
        ),
        "effect": unbroken(
            with_interval(found.estimate, found.ci_low, found.ci_high, plan.decimals)
        ),
        "p": p_value(found.p),
        "worthwhile": number(each.worthwhile, plan.decimals),
    }
