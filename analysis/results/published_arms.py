"""What publications report of each arm at a follow-up, on the scale of the protocol."""

from collections.abc import Iterable

import pandas as pd

from analysis.pooling.effect_sizes.arms import combine_arms
from analysis.protocol import Protocol
from analysis.results.estimates import ArmSummary
from analysis.trials.mapping import Instrument, Published, TrialMapping
from analysis.trials.scales import closest, rescale
from analysis.trials.without_ipd import TrialWithoutIpd

NOT_REPORTED = "outcome not reported at this follow-up"
INCOMPLETE = "number, mean or SD of an arm not reported"
NO_SPREAD = "an arm has an SD of 0 or fewer than two participants"
NO_CONTRAST = "no arm of the treatment beside one of the comparison"

Sides = tuple[ArmSummary, ArmSummary]
ByArm = dict[str, ArmSummary | None]


def of_mapping(
    mapping: TrialMapping, protocol: Protocol, *, outcome: str, follow_up: str, comparison: str
) -> Sides | str:
    """Read the published figures in `trial.yml`, rescaled from the trial's instrument.

    Of several assessments, the one closest to the follow-up counts, as it does for the data.

    Returns
    -------
    (ArmSummary, ArmSummary) or str
        The treated and the controls, each combined from its arms; or why there are none.
    """
    plan = mapping.outcomes.get(outcome)
    figures = [f for f in mapping.published if f.outcome == outcome and f.arm and not f.where]
    week = closest(
        {f.weeks for f in figures if f.weeks is not None}, protocol.follow_ups[follow_up]
    )
    categories = {key: arm.category for key, arm in mapping.arms.items()}
    if plan is None or plan.instrument is None or week is None:
        found: ByArm = {}
    else:
        here = [f for f in figures if f.weeks == week and f.statistic in {"n", "mean", "sd"}]
        found = {
            arm: _summary([f for f in here if f.arm == arm], plan.instrument, protocol, outcome)
            for arm in categories
        }
    return _sides(
        ((categories[arm], each) for arm, each in found.items()),
        categories.values(),
        protocol,
        comparison,
    )


def of_trial(
    trial: TrialWithoutIpd, protocol: Protocol, *, outcome: str, follow_up: str, comparison: str
) -> Sides | str:
    """Read the scores of a trial without participant data; as `of_mapping`."""
    key = f"{outcome}_{follow_up}"
    found = [
        (arm.category, ArmSummary(each.n, mean=each.mean, sd=each.sd) if each else None)
        for arm in trial.arms
        for each in [arm.scores.get(key)]
    ]
    return _sides(found, [arm.category for arm in trial.arms], protocol, comparison)


def _sides(
    found: Iterable[tuple[str, ArmSummary | None]],
    categories: Iterable[str],
    protocol: Protocol,
    comparison: str,
) -> Sides | str:
    """Combine the arms of each side, when every arm that belongs to it is reported."""
    controls = protocol.comparisons[comparison].control
    there = list(categories)
    treatment = protocol.treated(comparison)
    if not set(treatment) & set(there) or not set(controls) & set(there):
        return NO_CONTRAST
    arms = [(c, each) for c, each in found if c in treatment or c in controls]
    if all(each is None for _, each in arms):
        return NOT_REPORTED
    if any(each is None for _, each in arms):
        return INCOMPLETE
    known = [(category, each) for category, each in arms if each is not None]
    if any(not each.sd or each.n < 2 for _, each in known):
        return NO_SPREAD
    treated = [each for category, each in known if category in treatment]
    return _combined(treated), _combined([e for c, e in known if c not in treatment])


def _combined(arms: list[ArmSummary]) -> ArmSummary:
    """Take the arms of one side as one."""
    means, sds = [arm.mean or 0.0 for arm in arms], [arm.sd or 0.0 for arm in arms]
    found = combine_arms(means, sds, [arm.n for arm in arms])
    return ArmSummary(round(found.n), mean=found.mean, sd=found.sd)


def _summary(
    figures: list[Published], instrument: Instrument, protocol: Protocol, outcome: str
) -> ArmSummary | None:
    values = {figure.statistic: figure.value for figure in figures}
    plan = protocol.outcomes[outcome]
    if len(values) < 3 or plan.scale is None:
        return None
    turned = instrument.higher != plan.higher
    means = pd.Series([values["mean"]])
    mean = rescale(means, source=instrument.range, target=plan.scale, turned=turned)
    ratio = (plan.scale[1] - plan.scale[0]) / (instrument.range[1] - instrument.range[0])
    return ArmSummary(int(values["n"]), mean=float(mean.iloc[0]), sd=ratio * values["sd"])
