"""The trials (Table 1), the participants (Table 3), who was left out, published against found."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from analysis.protocol import Modifier
from analysis.results.estimates import (
    Characteristic,
    ExclusionCount,
    LevelCount,
    ParticipantTable,
    TrialArmRow,
    TrialRow,
)
from analysis.trials.mapping import TrialMapping
from analysis.trials.master import Master


def trial_rows(master: Master) -> tuple[TrialRow, ...]:
    """Describe each trial from its participants and its mapping, in order of label."""
    rows = [
        _trial_row(master, trial, mapping, people)
        for trial, mapping in master.mappings.items()
        if len(people := master.participants[master.participants["trial"] == trial])
    ]
    return tuple(sorted(rows, key=lambda row: row.label))


def _trial_row(master: Master, trial: str, mapping: TrialMapping, people: pd.DataFrame) -> TrialRow:
    protocol = master.protocol
    scores = master.outcomes[master.outcomes["trial"] == trial]
    controls = [arm for arm in mapping.arms.values() if arm.category not in protocol.treated()]
    female, others = _split(people, "sex", "female")
    return TrialRow(
        trial=trial,
        label=mapping.label,
        citation=mapping.citation.key,
        country=mapping.country,
        setting=mapping.setting,
        participants=len(people),
        percent_female=100 * female / (female + others) if female + others else None,
        mean_age=float(people["age"].mean()) if _has(people, "age") else None,
        treatment_arms=len(mapping.arms) - len(controls),
        comparison_arms=len(controls),
        comparison=tuple(dict.fromkeys(arm.type or arm.label for arm in controls)),
        instruments={
            outcome: plan.instrument.name
            for outcome, plan in mapping.outcomes.items()
            if plan.instrument
        },
        instrument_notes={
            outcome: plan.instrument.note
            for outcome, plan in mapping.outcomes.items()
            if plan.instrument and plan.instrument.note
        },
        follow_ups={
            follow_up: tuple(
                outcome
                for outcome in protocol.outcomes
                if ((scores["outcome"] == outcome) & (scores["follow_up"] == follow_up)).any()
            )
            for follow_up in protocol.follow_ups
        },
        notes=mapping.notes,
        female=female if female + others else None,
        not_female=others if female + others else None,
        arms=tuple(
            TrialArmRow(arm.label, arm.category, int((people["arm"] == key).sum()))
            for key, arm in mapping.arms.items()
        ),
    )


def _has(people: pd.DataFrame, column: str) -> bool:
    return column in people and bool(people[column].notna().any())


def _split(people: pd.DataFrame, column: str, level: str) -> tuple[int, int]:
    """Count who is at a level, and who is at another."""
    if column not in people:
        return 0, 0
    known = people[column].dropna() == level
    return int(known.sum()), int((~known).sum())


def participant_table(master: Master) -> ParticipantTable:
    """Describe the participants at baseline: all, treated, controls."""
    people = master.participants
    treated = people["treat"] == 1
    by_category = Counter(str(category) for category in people["category"])
    return ParticipantTable(
        everyone=_characteristics(master, people),
        treated=_characteristics(master, people[treated]),
        controls=_characteristics(master, people[~treated]),
        n=len(people),
        n_treated=int(treated.sum()),
        n_controls=int((~treated).sum()),
        by_category={key: by_category[key] for key in master.protocol.arms},
    )


def _characteristics(master: Master, people: pd.DataFrame) -> tuple[Characteristic, ...]:
    return tuple(
        characteristic(name, modifier, people, level=master.protocol.model.level)
        for name, modifier in master.protocol.modifiers.items()
    )


def characteristic(
    name: str, modifier: Modifier, people: pd.DataFrame, *, level: float
) -> Characteristic:
    """Describe one baseline characteristic.

    The interval of a mean is the t interval that ignores trials, as in the published Table 3.
    """
    there = people[name].notna().to_numpy()
    values = people[name][there]
    group, groups = people["cluster"].array.factorize()
    measured = np.bincount(group[there], minlength=len(groups)) > 0
    known = Characteristic(
        modifier=name,
        label=modifier.label,
        kind=modifier.kind,
        summary=modifier.summary,
        trials=int(measured.sum()),
        n=len(values),
        missing=len(people) - len(values),
        not_measured=int((~measured[group]).sum()),
    )
    if modifier.kind == "categorical":
        levels = (
            LevelCount(label, int((values == key).sum())) for key, label in modifier.levels.items()
        )
        return replace(known, levels=tuple(levels))
    if len(values) < 2:
        return known
    numbers = values.to_numpy(float)
    mean, sd = float(numbers.mean()), float(numbers.std(ddof=1))
    half = float(stdtrit(len(numbers) - 1, (1 + level) / 2)) * sd / len(numbers) ** 0.5
    q1, median, q3 = (float(value) for value in np.percentile(numbers, [25, 50, 75]))
    return replace(
        known,
        mean=mean,
        sd=sd,
        ci_low=mean - half,
        ci_high=mean + half,
        median=median,
        q1=q1,
        q3=q3,
    )


def exclusion_counts(master: Master) -> tuple[ExclusionCount, ...]:
    """Count the exclusion log: trial × outcome × follow-up × reason."""
    return tuple(
        ExclusionCount(trial, master.mappings[trial].label, outcome, follow_up, reason, n)
        for (trial, outcome, follow_up, reason), n in _counted(master.exclusions).items()
    )


def _counted(exclusions: pd.DataFrame) -> dict[tuple[str, str, str, str], int]:
    columns = [exclusions[name].astype(str) for name in ("trial", "outcome", "follow_up", "reason")]
    return dict(sorted(Counter(zip(*columns, strict=True)).items()))
