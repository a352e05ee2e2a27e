"""Appendix I: published interactions beside those of this run, and recovery of a known truth."""

from collections.abc import Sequence

from great_tables import GT

from analysis.errors import ResultError
from analysis.formats import DASH, count, listing, number, p_value, unbroken, with_interval
from analysis.protocol import Protocol
from analysis.results.labels import in_sentence, interaction_decimals
from analysis.results.published_interactions import BesidePublished, PublishedInteraction
from analysis.results.suppression import shown_count
from analysis.results.truth import Recovered, coverage
from analysis.tables.contrasts import contrast_label, estimate_cells, in_level
from analysis.tables.frame import table_of
from analysis.tables.notes import data_note, finished

DECIMALS = 2  # as the published tables have
PARTS = ("trials", "participants", "effect", "p")


def beside_published_table(rows: Sequence[BesidePublished], protocol: Protocol) -> GT:
    """Lay out published interactions of one outcome beside those of this run.

    Raises
    ------
    ResultError
        When there is nothing to lay out.
    """
    plan = protocol.published_interactions
    if not rows or plan is None:
        raise ResultError(
            "There is no published interaction to lay out. Name a file under "
            "published_interactions in data/protocol.yml, or take the table out of the chapter."
        )
    cells = [_cells(row, protocol) for row in rows]
    measures = [row.published.measure for row in rows if row.published] or ["MD"]
    unit, ci = protocol.unit[1].capitalize(), in_level(protocol)
    labels = {
        "trials": unit,
        "participants": "n",
        "effect": f"{measures[0]} ({ci})",
        "p": "P value",
    }
    columns = [f"{side}_{part}" for side in ("published", "own") for part in PARTS]
    table = (
        table_of(cells, rowname_col="label", name="beside-published")
        .tab_stubhead("Modifier")
        .cols_label({column: labels[column.partition("_")[2]] for column in columns})
        .tab_spanner(plan.label, [f"published_{part}" for part in PARTS])
        .tab_spanner(plan.own_label, [f"own_{part}" for part in PARTS])
        .cols_align("right", columns)
    )
    inside = [row.inside for row in rows if row.inside is not None]
    found = (
        f"Interactions within {protocol.unit[1]}. {sum(inside)} of {len(inside)} published "
        f"estimates lie in the {ci} of this run."
    )
    origin = (
        f"“{plan.label}” stands as it was published; what follows about the data is said of "
        f"“{plan.own_label}” alone."
    )
    notes = [found, *([origin] if data_note(protocol) else [])]
    return finished(table, protocol, abbreviations=("CI", measures[0]), notes=notes)


def _cells(row: BesidePublished, protocol: Protocol) -> dict[str, str]:
    cells = {"label": contrast_label(protocol.modifiers[row.modifier], row.contrast)}
    cells |= _published(row.published)
    if row.own is None:
        return cells | {f"own_{part}": DASH for part in PARTS}
    effect, p = estimate_cells(row.own, DECIMALS)
    return cells | {
        "own_trials": str(row.own.trials),
        "own_participants": shown_count(row.own.participants, protocol.minimum_cell),
        "own_effect": effect,
        "own_p": p,
    }


def _published(row: PublishedInteraction | None) -> dict[str, str]:
    if row is None:
        return {f"published_{part}": DASH for part in PARTS}
    return {
        "published_trials": str(row.trials),
        "published_participants": count(row.participants),
        "published_effect": unbroken(
            with_interval(row.estimate, row.ci_low, row.ci_high, DECIMALS)
        ),
        "published_p": p_value(row.p),
    }


def recovery_table(rows: Sequence[Recovered], protocol: Protocol) -> GT:
    """Lay out each estimate beside the truth of the synthetic data.

    Raises
    ------
    ResultError
        When no estimate has a truth.
    """
    if not rows:
        raise ResultError(
            "No estimate has a known truth, so there is nothing to lay out. Take the table out of "
            "the chapter."
        )
    cells = [_recovered(row, protocol) for row in rows]
    table = (
        table_of(cells, rowname_col="label", groupname_col="outcome", name="recovery")
        .tab_stubhead("Estimate")
        .cols_label(
            effect=f"This run ({in_level(protocol)})", truth="Truth", covered="Interval holds it"
        )
        .cols_align("right", ["effect", "truth"])
        .cols_align("center", ["covered"])
    )
    hits, known = coverage(rows)
    by_simulation = sorted(
        {in_sentence(protocol.outcomes[row.outcome].label) for row in rows if row.simulated}
    )
    notes = [
        f"Unadjusted. {hits} of {known} intervals hold the truth ({100 * hits / known:.0f}%; "
        f"{number(protocol.model.level * known, 0)} expected)."
        if known
        else "No interval could be estimated."
    ]
    if by_simulation:
        notes.append(
            f"The truth of {listing(by_simulation)} is an average over large simulated trials."
        )
    return finished(table, protocol, abbreviations=("CI", "MD", "OR"), notes=notes)


def _recovered(row: Recovered, protocol: Protocol) -> dict[str, str]:
    outcome = protocol.outcomes[row.outcome]
    decimals = interaction_decimals(outcome) if row.modifier else outcome.decimals
    decimals = 2 if row.effect.measure == "OR" else decimals
    if row.modifier:
        contrast = contrast_label(protocol.modifiers[row.modifier], row.level)
        label = f"Interaction with {in_sentence(contrast)}"
    else:
        label = f"Overall, v {protocol.comparisons[row.comparison].label}"
    effect, _ = estimate_cells(row.effect, decimals)
    return {
        "outcome": f"{outcome.label} ({row.effect.measure})",
        "label": label,
        "effect": effect,
        "truth": number(row.truth, decimals),
        "covered": {True: "Yes", False: "No", None: DASH}[row.covered],
    }
