"""Trials with participant data beside eligible trials without: what they were like (Table 2)."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from math import nan

import numpy as np
from scipy.stats import t as student_t

from analysis.protocol import Protocol
from analysis.results.descriptives import trial_rows
from analysis.results.eligible import (
    Centre,
    LevelCounts,
    TrialBlock,
    TrialCharacteristics,
    TrialQuantity,
)
from analysis.results.permutation import PERMUTATIONS, permutation_p
from analysis.trials.mapping import TrialArm
from analysis.trials.master import Master
from analysis.trials.without_ipd import PublishedArm

NOT_SPECIFIED = "Not specified"


@dataclass(frozen=True, slots=True)
class _Trial:
    """What is compared of one trial, whether or not it gave data; nan where not known."""

    gave_data: bool
    setting: str
    participants: int
    values: dict[str, float]
    treated: tuple[TrialArm | PublishedArm, ...]
    controls: tuple[TrialArm | PublishedArm, ...]


def trial_characteristics(master: Master) -> TrialCharacteristics:
    """Compare the trials with participant data with the eligible trials without.

    Numbers are those of trials: a mean over trials, with its t interval, gives each trial the same
    weight. P values are for the difference between the two groups of trials.
    """
    trials = [*_with_data(master), *_without_data(master)]
    gave = [trial.gave_data for trial in trials]
    level = master.protocol.model.level
    names = ("mean_age", "percent_female", *_baselines(master.protocol))
    quantities = [_quantity("participants", "median", trials, level)]
    quantities += [_quantity(name, "mean", trials, level) for name in names]
    blocks = (
        _block("setting", trials, lambda t: [t.setting]),
        _block("treatment_arms", trials, lambda t: [str(len(t.treated))]),
        _block("comparison_arms", trials, lambda t: [str(len(t.controls))]),
        _block("type", trials, lambda t: [arm.type for arm in t.treated]),
        _block("design", trials, lambda t: [arm.design for arm in t.treated]),
        _block("delivery", trials, lambda t: [arm.delivery for arm in t.treated]),
        _comparison_block(trials, master.protocol),
    )
    return TrialCharacteristics(
        with_ipd=sum(gave),
        without_ipd=len(gave) - sum(gave),
        quantities=tuple(q for q in quantities if q.with_ipd or q.without_ipd),
        blocks=tuple(b for b in blocks if any(each.label != NOT_SPECIFIED for each in b.levels)),
        permutations=PERMUTATIONS,
    )


def _baselines(protocol: Protocol) -> tuple[str, ...]:
    return tuple(key for key, outcome in protocol.outcomes.items() if outcome.baseline)


def _with_data(master: Master) -> Iterable[_Trial]:
    protocol, people = master.protocol, master.participants
    columns = [f"{key}_baseline" for key in _baselines(protocol)]
    means = people.groupby("trial", observed=True)[columns].mean()
    for row in trial_rows(master):
        of_trial = means.loc[row.trial].to_numpy(float)
        values = dict(zip(_baselines(protocol), map(float, of_trial), strict=True))
        values |= {"mean_age": _known(row.mean_age), "percent_female": _known(row.percent_female)}
        arms = tuple(master.mappings[row.trial].arms.values())
        yield _Trial(
            True,
            _setting(row.setting, protocol),
            row.participants,
            values,
            *_sides(arms, protocol),
        )


def _without_data(master: Master) -> Iterable[_Trial]:
    protocol = master.protocol
    for each in master.without_ipd:
        values = {key: each.baselines.get(key, nan) for key in _baselines(protocol)}
        values |= {"mean_age": _known(each.mean_age), "percent_female": _known(each.percent_female)}
        yield _Trial(
            False,
            _setting(each.setting, protocol),
            each.participants,
            values,
            *_sides(each.arms, protocol),
        )


def _known(value: float | None) -> float:
    return nan if value is None else value


def _setting(setting: str, protocol: Protocol) -> str:
    """Name the protocol's group of a setting, or the setting itself."""
    groups = (name for name, members in protocol.settings.items() if setting in members)
    return next(groups, setting)


Arms = tuple[TrialArm | PublishedArm, ...]


def _sides(arms: Sequence[TrialArm | PublishedArm], protocol: Protocol) -> tuple[Arms, Arms]:
    """Part the arms of a trial into those of the treatment and all others."""
    treated = tuple(arm for arm in arms if arm.category in protocol.treated())
    return treated, tuple(arm for arm in arms if arm.category not in protocol.treated())


def _quantity(name: str, summary: str, trials: Sequence[_Trial], level: float) -> TrialQuantity:
    median = summary == "median"
    values = np.array([t.participants if median else t.values[name] for t in trials], float)
    gave = np.array([trial.gave_data for trial in trials])
    return TrialQuantity(
        name=name,
        summary="median" if median else "mean",
        with_ipd=_centre(values[gave], median=median, level=level),
        without_ipd=_centre(values[~gave], median=median, level=level),
        p=permutation_p(values, gave, "rank" if median else "mean"),
    )


def _centre(values: np.ndarray, *, median: bool, level: float) -> Centre | None:
    values = values[~np.isnan(values)]
    if len(values) < 2:
        return None
    if median:
        low, middle, high = (float(each) for each in np.percentile(values, [25, 50, 75]))
        return Centre(len(values), middle, low, high)
    mean, se = float(values.mean()), float(values.std(ddof=1)) / len(values) ** 0.5
    half = float(student_t.ppf((1 + level) / 2, len(values) - 1)) * se
    return Centre(len(values), mean, mean - half, mean + half)


def _block(
    name: str, trials: Sequence[_Trial], levels_of: Callable[[_Trial], list[str]]
) -> TrialBlock:
    """Count the levels of all trials, or of all their groups; a blank is not specified."""
    found = [[text or NOT_SPECIFIED for text in levels_of(trial)] for trial in trials]
    total = Counter(label for labels in found for label in labels)
    numbers = name in {"treatment_arms", "comparison_arms"}
    order = sorted(total, key=lambda label: _place(label, total, numbers=numbers))
    counts = np.array([[labels.count(label) for label in order] for labels in found], float)
    gave = np.array([trial.gave_data for trial in trials])
    counts = counts.reshape(len(trials), len(order))
    sums = counts[gave].sum(axis=0), counts[~gave].sum(axis=0)
    of_trials = numbers or name == "setting"
    return TrialBlock(
        name=name,
        counts="trials" if of_trials else "groups",
        with_ipd=int(gave.sum() if of_trials else sums[0].sum()),
        without_ipd=int((~gave).sum() if of_trials else sums[1].sum()),
        levels=tuple(
            LevelCounts(label, int(sums[0][i]), int(sums[1][i])) for i, label in enumerate(order)
        ),
        p=permutation_p(counts, gave, "counts") if order else None,
    )


def _place(label: str, total: Counter[str], *, numbers: bool) -> tuple[bool, int, str]:
    """Sort numbers by size and names by frequency; what is not specified comes last."""
    return label == NOT_SPECIFIED, int(label) if numbers else -total[label], label


def _comparison_block(trials: Sequence[_Trial], protocol: Protocol) -> TrialBlock:
    """Count the categories of the comparison groups, each with its types when it has several."""
    whole = _block("comparison", trials, lambda t: [arm.category for arm in t.controls])
    by_category = {level.label: level for level in whole.levels}
    levels: list[LevelCounts] = []
    for key, category in protocol.arms.items():
        if key not in by_category:
            continue
        level = by_category[key]
        levels.append(LevelCounts(category.label, level.with_ipd, level.without_ipd))
        types = _block("type", trials, partial(_types_of, category=key))
        if len(types.levels) > 1:
            levels += [LevelCounts(t.label, t.with_ipd, t.without_ipd, 1) for t in types.levels]
    return TrialBlock(
        "comparison", "groups", whole.with_ipd, whole.without_ipd, tuple(levels), whole.p
    )


def _types_of(trial: _Trial, *, category: str) -> list[str]:
    return [arm.type for arm in trial.controls if arm.category == category]
