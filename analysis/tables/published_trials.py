"""Table 1 of a review of published results: the trials as their reports describe them."""

from collections.abc import Sequence

import pandas as pd
from great_tables import GT

from analysis.aggregate_protocol import AggregateProtocol
from analysis.formats import DASH, count, number
from analysis.results.published_trials import PublishedTrial
from analysis.tables.notes import finished

WIDTHS = {
    "trial": "13%",
    "participants": "5%",
    "age": "7%",
    "weeks": "9%",
    "exercise": "13%",
    "psychological": "19%",
    "comparators": "13%",
    "bias": "14%",
    "outcomes": "7%",
}


def published_trials_table(trials: Sequence[PublishedTrial], protocol: AggregateProtocol) -> GT:
    """Lay out the trials: size, participants, training, controls, risk of bias, outcomes."""
    letters = {key: plan.label[:1].upper() for key, plan in protocol.outcomes.items()}
    frame = pd.DataFrame([_cells(trial, protocol, letters) for trial in trials])
    table = (
        GT(frame, rowname_col="trial", id="published-trials")
        .tab_stubhead(protocol.unit[0].capitalize())
        .cols_label(
            participants="n",
            age="Mean age",
            weeks="Training, weeks",
            exercise="Exercise",
            psychological="Psychological component",
            comparators="Controls",
            bias="Overall risk of bias",
            outcomes="Results",
        )
        .cols_align("right", ["participants", "age", "weeks"])
        .cols_align("center", ["outcomes"])
        .cols_width(WIDTHS)
    )
    named = "; ".join(
        f"{letters[key]} {plan.label.lower()}" for key, plan in protocol.outcomes.items()
    )
    groups = "; ".join(f"{key}={plan.label}" for key, plan in protocol.comparators.items())
    note = f"n=randomised. Controls: {groups}. Results that could be pooled: {named}; {DASH} none."
    return finished(table, protocol, notes=[note])


def _cells(
    trial: PublishedTrial, protocol: AggregateProtocol, letters: dict[str, str]
) -> dict[str, str]:
    values = trial.characteristics
    levels = {name: plan.levels for name, plan in protocol.characteristics.items()}
    return {
        "trial": f"{trial.trial} {trial.year}",
        "participants": count(trial.participants),
        "age": number(float(values["age"]), 1),
        "weeks": number(float(values["weeks"]), 0),
        "exercise": levels["exercise"][str(values["exercise"])],
        "psychological": levels["psychological"][str(values["psychological"])],
        "comparators": ", ".join(trial.comparators) or DASH,
        "bias": trial.overall,
        "outcomes": " ".join(letters[outcome] for outcome in trial.outcomes) or DASH,
    }
