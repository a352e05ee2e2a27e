"""Pooled effects of published results as tables: syntheses, sensitivity, regression."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from great_tables import GT, loc

from analysis.aggregate_protocol import AggregateProtocol
from analysis.formats import DASH, count, interval, number, p_text, p_value, unbroken, with_interval
from analysis.results.labels import in_sentence
from analysis.tables.frame import table_of
from analysis.tables.notes import favour_note, finished, points_note

if TYPE_CHECKING:  # they bring the statistics with them, which other tables do not need
    from analysis.pooling import PooledEffect
    from analysis.results.restrictions import RestrictedSynthesis
    from analysis.results.synthesis import Synthesis
    from analysis.results.trial_regression import Coefficient, TrialRegression

RIGHT = ["trials", "effect", "spread", "prediction", "points"]
BY_RULE = "Certainty: of all trials as the reviewers confirmed it; *=as the same rules propose it."
BELOW = "The upper limit is below zero before rounding: this interval excludes it."
ABOVE = "The lower limit is above zero before rounding: this interval excludes it."
SHARES = {  # per cent of the table of restrictions
    "label": 23, "trials": 12, "effect": 18.5, "spread": 5, "prediction": 12.5, "points": 17.5,
    "certainty": 11.5,
}  # fmt: skip
OUTER = {"bias": "Overall risk of bias", "comparator": "Controls"}


def syntheses_table(results: Sequence["Synthesis"], protocol: AggregateProtocol) -> GT:
    """Lay out the main syntheses, grouped by outcome and follow-up."""
    rows = []
    for each in results:
        outcome, follow_up = protocol.outcomes[each.outcome], protocol.follow_ups[each.follow_up]
        rows.append(
            {
                "group": f"{outcome.label}, {follow_up.label}",
                "label": f"v {protocol.comparators[each.comparator].label}",
                "trials": count(each.pooled.k),
                "participants": count(each.participants),
                "effect": "",  # here in the order of columns; its numbers come below
                "p": p_value(each.pooled.p),
                **_numbers(each.pooled, each.re_expressed),
            }
        )
    table = table_of(rows, rowname_col="label", groupname_col="group", name="syntheses")
    table = _finished(table, protocol, "Comparison", [each.pooled for each in results])
    table = _limits_marked(table, [each.pooled for each in results])
    table = table.cols_label(participants="Participants", p="P value")
    return table.cols_align("right", ["participants", "p"])


def restrictions_table(results: Sequence["RestrictedSynthesis"], protocol: AggregateProtocol) -> GT:
    """Lay out the sensitivity menu, grouped by outcome."""
    rows = [
        {
            "group": protocol.outcomes[each.outcome].label,
            "label": each.label,
            "trials": unbroken(f"{count(each.trials)} ({count(each.participants)})"),
            **_numbers(each.pooled, each.re_expressed),
            "certainty": _certainty(each),
        }
        for each in results
    ]
    table = table_of(rows, rowname_col="label", groupname_col="group", name="restrictions")
    found = [each.pooled for each in results if each.pooled]
    notes = [*_other_trials(results, protocol), BY_RULE]
    table = _finished(table, protocol, "Analysis", found, notes=notes)
    table = _limits_marked(table, [each.pooled for each in results])
    table = table.cols_width({name: f"{share}%" for name, share in SHARES.items()})
    of_both = f"{protocol.unit[1].capitalize()} (participants)"
    return table.cols_label(trials=of_both, certainty="Certainty")


def regression_table(results: Sequence["TrialRegression"], protocol: AggregateProtocol) -> GT:
    """Lay out the coefficients of the meta-regressions, side by side for the outcomes."""
    from analysis.results.trial_regression import JOINED, LEAST_LEVEL

    by_outcome = {
        each.outcome: {_predictor(row, protocol): row for row in each.coefficients}
        for each in results
    }
    labels = list(dict.fromkeys(label for rows in by_outcome.values() for label in rows))
    cells = [
        {
            "label": label,
            **{
                f"{outcome}_{part}": text
                for outcome, rows in by_outcome.items()
                for part, text in zip(("effect", "p"), _coefficient(rows.get(label)), strict=True)
            },
        }
        for label in labels
    ]
    level = f"{100 * protocol.pooling.level:g}%"
    table = table_of(cells, rowname_col="label", name="regression").tab_stubhead("Predictor")
    for outcome in by_outcome:
        columns = {f"{outcome}_effect": f"Change in SMD ({level} CI)", f"{outcome}_p": "P value"}
        name = protocol.outcomes[outcome].label
        table = table.tab_spanner(name, list(columns)).cols_label({**columns})
        table = table.cols_align("right", list(columns))
    about = [
        f"{protocol.outcomes[r.outcome].label}: {r.effects} effects of {r.trials} trials; "
        f"{_explained(r.explained)}; residual "
        f"Q={number(r.residual_q, 1)}, df={r.residual_df}, {p_text(r.residual_p)}."
        for r in results
    ]
    ways = dict.fromkeys(each.convention for each in results)
    made = (
        (f"{protocol.outcomes[each.outcome].label}: {each.convention}" for each in results)
        if len(ways) > 1
        else ways
    )
    joined = any(JOINED in {row.level, row.reference} for r in results for row in r.coefficients)
    together = (
        f"Any other: categories with fewer than {LEAST_LEVEL} effects of the outcome, together."
    )
    notes = [
        "Negative: a larger benefit. Each predictor is adjusted for the others.",
        *([together] if joined else []),
        *about,
        *_ways(made),
    ]
    return finished(table, protocol, abbreviations=("CI", "SMD"), notes=notes)


def _explained(share: float | None) -> str:
    if share is None:
        return "without predictors the heterogeneity is estimated as zero"
    return f"the predictors explain {number(share, 0)}% of the heterogeneity"


def _certainty(row: "RestrictedSynthesis") -> str:
    """Print the certainty, marked where no reviewer confirmed it."""
    from analysis.results.restrictions import MAIN

    return f"{row.certainty}{'' if row.label == MAIN else '*'}" if row.certainty else DASH


def _other_trials(
    results: Sequence["RestrictedSynthesis"], protocol: AggregateProtocol
) -> list[str]:
    """Name the lines with another comparator, and the outcomes that need no line of their own."""
    from analysis.results.restrictions import WITHOUT_IMPUTED

    menu = protocol.sensitivity
    found = [
        f"{row.label}: among the trials against {protocol.comparators[row.comparator].label}."
        for row in (menu.rows if menu else ())
        if row.comparator not in {None, menu and menu.comparator}
    ]
    outcomes = dict.fromkeys(each.outcome for each in results)
    imputed = {each.outcome for each in results if each.label == WITHOUT_IMPUTED}
    if imputed:
        found += [
            f"No SD of {in_sentence(protocol.outcomes[outcome].label)} was imputed in these trials."
            for outcome in outcomes
            if outcome not in imputed
        ]
    return found


def _limits_marked(table: GT, results: Sequence["PooledEffect | None"]) -> GT:
    """Mark the intervals that exclude zero although a limit of theirs is printed as zero."""
    for note, side in ((BELOW, "ci_high"), (ABOVE, "ci_low")):
        rows = [
            index
            for index, pooled in enumerate(results)
            if pooled
            and (pooled.ci_high < 0 or pooled.ci_low > 0)
            and float(number(abs(getattr(pooled, side)), 2)) == 0
        ]
        if rows:
            table = table.tab_footnote(note, loc.body("effect", rows))
    return table


def _numbers(
    pooled: "PooledEffect | None", re_expressed: tuple[float, float, float] | None
) -> dict[str, str]:
    if pooled is None or re_expressed is None:
        return dict.fromkeys(RIGHT[1:], DASH)
    several = pooled.k > 1
    return {
        "effect": unbroken(with_interval(pooled.estimate, pooled.ci_low, pooled.ci_high, 2)),
        "spread": f"{number(pooled.i2, 0)}%" if several else DASH,
        "prediction": unbroken(interval(pooled.pi_low, pooled.pi_high, 2)) if several else DASH,
        "points": unbroken(with_interval(*re_expressed, 2)),
    }


def _finished(
    table: GT,
    protocol: AggregateProtocol,
    head: str,
    results: Sequence["PooledEffect"],
    *,
    notes: Sequence[str] = (),
) -> GT:
    """Label the columns of pooled effects and write what they rest on."""
    level = f"{100 * protocol.pooling.level:g}%"
    table = (
        table.tab_stubhead(head)
        .cols_label(
            trials=protocol.unit[1].capitalize(),
            effect=f"SMD ({level} CI)",
            spread="I²",
            prediction=f"{level} PI",
            points=f"Points ({level} CI)",
        )
        .cols_align("right", RIGHT)
    )
    said = [
        favour_note(protocol),
        *_ways(each.convention.replace(f"t({each.k - 1})", "t(k − 1)") for each in results),
        points_note(protocol),
        *notes,
    ]
    return finished(table, protocol, abbreviations=("CI", "PI", "SMD"), notes=said)


def _ways(conventions: Iterable[str]) -> list[str]:
    """Say once each way in which effects were made; k is their number of trials."""
    return [f"{text[:1].upper()}{text[1:]}." for text in dict.fromkeys(conventions)]


def _predictor(row: "Coefficient", protocol: AggregateProtocol) -> str:
    """Name a coefficient: "Training, per week", "Exercise: sensorimotor v mixed"."""
    if row.predictor in protocol.characteristics:
        plan = protocol.characteristics[row.predictor]
        label, levels = plan.label, plan.levels
        if not levels:
            size = f"{row.per:g} {plan.unit}" if row.per != 1 else plan.unit.removesuffix("s")
            return f"{label}, per {size}"
    elif row.predictor == "comparator":
        label, levels = OUTER["comparator"], {k: v.label for k, v in protocol.comparators.items()}
    else:
        label, levels = OUTER["bias"], {}
    names = [levels.get(each, each).lower() for each in (row.level, row.reference)]
    return f"{label}: {names[0]} v {names[1]}"


def _coefficient(row: "Coefficient | None") -> tuple[str, str]:
    if row is None:
        return DASH, DASH
    return unbroken(with_interval(row.estimate, row.ci_low, row.ci_high, 2)), p_value(row.p)
