"""Appendix C: estimates under other assumptions, and without each trial in turn."""

from collections.abc import Iterator, Sequence

from great_tables import GT, loc

from analysis.errors import ResultError
from analysis.formats import DASH, interval, number, unbroken, with_interval
from analysis.protocol import Protocol
from analysis.results.labels import in_sentence, interaction_decimals
from analysis.results.remarks import remarks
from analysis.results.sensitivity import PRIMARY, Sensitivity, SensitivityRow, influence
from analysis.results.suppression import shown_count
from analysis.tables.contrasts import contrast_label, estimate_cells, in_level, outcome_title
from analysis.tables.frame import table_of
from analysis.tables.notes import finished, reason

RANGE, MOST = "range", "most"
SETTINGS = {
    "random": "random intercepts",
    "fixed": "fixed intercepts",
    "diagonal": "independent random effects",
    "unstructured": "correlated random effects",
    "common": "a common residual variance",
    "by_group": "a residual variance for each",
    "satterthwaite": "Satterthwaite's degrees of freedom",
    "kenward-roger": "the method of Kenward and Roger",
    "normal": "normal intervals",
}
WIDTHS = {
    "label": "31%",
    "trials": "8%",
    "participants": "9%",
    "effect": "22%",
    "p": "9%",
    "df": "9%",
    "between": "12%",
}


def sensitivity_table(results: Sequence[Sensitivity], protocol: Protocol) -> GT:
    """Lay out the sensitivity menu, one group of rows for each estimate of the primary analysis.

    Raises
    ------
    ResultError
        When the protocol asks for no sensitivity analysis.
    """
    if not results:
        raise ResultError(
            "There is no sensitivity analysis to lay out: data/protocol.yml has no menu under "
            "sensitivity. Add it, or take the table out of the chapter."
        )
    lines = [line for result in results for line in _lines(result, protocol)]
    table = (
        table_of(
            (cells for cells, _ in lines),
            rowname_col="label",
            groupname_col="group",
            name="sensitivity",
        )
        .tab_stubhead("Analysis")
        .cols_label(
            trials=protocol.unit[1].capitalize(),
            participants="n",
            effect=f"Estimate ({in_level(protocol)})",
            p="P value",
            df="Degrees of freedom",
            between=f"SD between {protocol.unit[1]}",
        )
        .cols_align("right", ["trials", "participants", "effect", "p", "df", "between"])
        .cols_width(WIDTHS)
    )
    between = any(row.between_trial_sd is not None for each in results for row in each.rows)
    if not between:
        table = table.cols_hide("between")
    for index, (_, marked) in enumerate(lines):
        for note in marked:
            table = table.tab_footnote(note, loc.body("effect", [index]))
    short = {"CI", *(["SD"] if between else []), *(each.primary.measure for each in results)}
    notes = _notes(results, protocol, between=between)
    return finished(table, protocol, abbreviations=short, notes=notes)


def analysis_label(analysis: str, protocol: Protocol) -> str:
    """Name an analysis of the menu."""
    one, many = protocol.unit
    return {
        PRIMARY: "Primary analysis",
        "fixed_intercepts": f"Fixed intercept for each {one}",
        "contrast_trials": f"Only {many} with both arms",
        "low_risk_of_bias": f"Only {many} at low risk of bias",
        "unstructured": "Correlated random effects",
        "residual_by_trial": f"Residual variance by {one}",
        "normal": "Normal intervals",
        "satterthwaite": "Satterthwaite",
        "kenward-roger": "Kenward-Roger",
    }[analysis]


def _lines(
    result: Sensitivity, protocol: Protocol
) -> Iterator[tuple[dict[str, str], tuple[str, ...]]]:
    """Cells and footnotes of each row: the menu, then what leaving out one trial can do."""
    outcome = protocol.outcomes[result.outcome]
    decimals = interaction_decimals(outcome) if result.modifier else outcome.decimals
    decimals = 2 if result.primary.measure == "OR" else decimals
    group = _group(result, protocol)
    for row in result.rows:
        yield {"group": group, **_cells(row, protocol, decimals)}, _remarks(row, protocol)
    found = influence(result)
    if found is None:
        return
    one = protocol.unit[0]
    empty = dict.fromkeys(("trials", "participants", "p", "df", "between"), "")
    low_high = unbroken(interval(found.low, found.high, decimals))
    yield {"group": group, "label": f"Without one {one}: range", "effect": low_high, **empty}, ()
    most = found.most
    text = with_interval(most.estimate, most.ci_low, most.ci_high, decimals)
    label = f"Most influential: without {found.trial}"
    yield (
        {"group": group, "label": label, "effect": unbroken(text), **empty},
        _crossing(found.crossing, found.lost, protocol),
    )


def _group(result: Sensitivity, protocol: Protocol) -> str:
    title = outcome_title(protocol, result.outcome, result.follow_up)
    measure = result.primary.measure
    if result.modifier:
        plan = protocol.modifiers[result.modifier]
        label = in_sentence(contrast_label(plan, result.level))
        return f"{title}: interaction ({measure}) with {label}"
    return f"{title}, {measure} v {protocol.comparisons[result.comparison].label}"


def _cells(row: SensitivityRow, protocol: Protocol, decimals: int) -> dict[str, str]:
    effect, p = estimate_cells(row.effect, decimals)
    places = 2 if row.effect.measure == "OR" else decimals
    return {
        "label": analysis_label(row.analysis, protocol),
        "trials": str(row.effect.trials),
        "participants": shown_count(row.effect.participants, protocol.minimum_cell),
        "effect": effect,
        "p": p,
        "df": DASH if row.effect.df is None else number(row.effect.df, 0),
        "between": number(row.between_trial_sd, places),
    }


def _remarks(row: SensitivityRow, protocol: Protocol) -> tuple[str, ...]:
    said = reason(row.effect)
    return (*remarks(row.effect, protocol.unit), *([said] if said else []))


def _crossing(crossing: Sequence[str], lost: Sequence[str], protocol: Protocol) -> tuple[str, ...]:
    """Say whether leaving out one trial changes whether the interval holds no effect."""
    many, found = protocol.unit[1], []
    if crossing:
        names = ", ".join(crossing) if len(crossing) <= 5 else f"{len(crossing)} {many}"
        found.append(
            f"Whether the interval includes no effect depends on single {many} being there: "
            f"{names}."
        )
    if lost:
        found.append(f"Not estimable without one of: {', '.join(lost)}.")
    return tuple(found)


def _notes(results: Sequence[Sensitivity], protocol: Protocol, *, between: bool) -> list[str]:
    model = protocol.model
    used = [model.intercepts, model.covariance, model.residual, model.inference]
    words = ", ".join(SETTINGS[each] for each in used)
    many = protocol.unit[1]
    said = [
        f"Primary analysis: {words}.",
        "Degrees of freedom: of the t interval; normal intervals have none.",
    ]
    if between:
        said.append(f"SD between {many}: of the effect, on the log scale for an OR.")
    if any(each.primary.measure == "OR" for each in results):
        said.append(
            "Odds ratios have normal intervals and no residual variance, so that analyses of these "
            "do not concern them."
        )
    if any(each.modifier for each in results):
        said.append(f"Interactions are unadjusted, and common to all {many}.")
    return [" ".join(said)]
