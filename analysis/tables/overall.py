"""Overall effects as a table."""

from collections.abc import Sequence

from great_tables import GT, loc

from analysis.formats import (
    DASH,
    in_units,
    interval,
    p_value,
    unbroken,
    with_interval,
)
from analysis.protocol import Protocol
from analysis.results.estimates import OverallEffect
from analysis.results.remarks import remarks
from analysis.results.suppression import notes_if_withheld, shown_count, shown_of
from analysis.tables.contrasts import in_level
from analysis.tables.frame import table_of
from analysis.tables.notes import conventions, finished, for_all, reason, shared

WIDTHS = {
    "comparison": "19%",
    "trials": "9%",
    "participants": "17%",
    "effect": "20%",
    "p": "8%",
    "between": "15%",
    "prediction": "12%",
}


def overall_table(effects: Sequence[OverallEffect], protocol: Protocol) -> GT:
    """Lay out overall effects, grouped by outcome and follow-up."""
    cells = [_cells(effect, protocol) for effect in effects]
    level = f"{100 * protocol.model.level:g}%"
    unit = protocol.unit[1]
    table = (
        table_of(cells, rowname_col="comparison", groupname_col="outcome", name="overall")
        .tab_stubhead("Comparison")
        .cols_label(
            trials=f"{unit.capitalize()}, total (both arms)",
            participants="Participants (treated/control)",
            effect=f"Effect ({in_level(protocol)})",
            p="P value",
            between=f"SD between {unit} ({in_level(protocol)})",
            prediction=f"{level} prediction interval",
        )
        .cols_align("right", ["trials", "participants", "effect", "p", "between", "prediction"])
        .cols_width(WIDTHS)
    )
    estimates = [effect.effect for effect in effects]
    common = shared(estimates, protocol)
    for index, estimate in enumerate(estimates):
        for text in (*remarks(estimate, protocol.unit), reason(estimate)):
            if text and text not in common:
                table = table.tab_footnote(text, loc.body("effect", [index]))
    notes = [
        (
            "Effects are mean differences (MD) or odds ratios (OR), treatment against comparison. "
            f"Both arms=number of {unit} with participants in both arms of the comparison. "
            f"SD between {unit}: of the effect, with its profile-likelihood interval; on the log "
            "scale for an OR."
        ),
        *conventions(estimates, protocol),
        *for_all(common),
        *dict.fromkeys(
            in_units(f"{e.prediction}.", protocol.unit) for e in effects if e.prediction
        ),
        *notes_if_withheld([row["participants"] for row in cells], protocol.minimum_cell),
    ]
    return finished(table, protocol, abbreviations=("CI",), notes=notes)


def _between(effect: OverallEffect, decimals: int) -> str:
    if effect.between_trial_sd is None:
        return DASH
    low, high = effect.between_trial_sd_low, effect.between_trial_sd_high
    return unbroken(with_interval(effect.between_trial_sd, low, high, decimals))


def _cells(effect: OverallEffect, protocol: Protocol) -> dict[str, str]:
    found, plan = effect.effect, protocol.outcomes[effect.outcome]
    decimals = 2 if found.measure == "OR" else plan.decimals
    in_unit = f" in {plan.unit}" if found.measure == "MD" and plan.unit else ""
    follow_up = protocol.follow_ups[effect.follow_up].label
    prediction = (
        DASH
        if effect.prediction_low is None
        else unbroken(interval(effect.prediction_low, effect.prediction_high, decimals))
    )
    return {
        "outcome": f"{plan.label}, {follow_up}, {found.measure}{in_unit}",
        "comparison": f"v {protocol.comparisons[effect.comparison].label}",
        "trials": f"{found.trials} ({found.contrast_trials})",
        "participants": (
            f"{shown_count(found.participants, protocol.minimum_cell)} "
            f"({'/'.join(shown_of((found.treated, found.controls), protocol.minimum_cell))})"
        ),
        "effect": (
            "Not estimable"
            if found.estimate is None
            else unbroken(with_interval(found.estimate, found.ci_low, found.ci_high, decimals))
        ),
        "p": p_value(found.p),
        "between": _between(effect, decimals),
        "prediction": prediction,
    }
