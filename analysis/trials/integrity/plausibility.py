"""Plausibility: events, dropout, extremes, spread and effects that hardly occur."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.trials.integrity.checked import Checked, Severity, passed, raised, unable
from analysis.trials.integrity.trial_data import TrialData

FEWEST = 20
MOST_LOST = 0.5
FAR = 5.0
"""Robust standard deviations from the median, on the plain and the logarithmic scale."""
GAP = 2.0
"""Robust standard deviations between an extreme value and the others: a long tail has no gap."""
NARROW = 1 / 3
"""Spread of an assessment against the usual spread of its outcome."""
LARGE_EFFECT = 2.0
_MAD_TO_SD = 1.4826
_MEAN_TO_SD = 1.2533


def plausibility(data: TrialData) -> Iterator[Checked]:
    """Make every check of plausibility."""
    yield from _events(data)
    yield from _dropout(data)
    yield from _extremes(data)
    yield from _spread(data)
    yield from _effects(data)


def _events(data: TrialData) -> Iterator[Checked]:
    """Look for arms in which nobody, or everybody, has the event."""
    check = "plausibility-events"
    binary = {k: v for k, v in data.follow_ups.items() if k not in data.scores}
    made = False
    for name, values in binary.items():
        groups = values.dropna().groupby(data.arms)
        if groups.size().max() < FEWEST:
            continue
        made = True
        rates = groups.mean()[groups.size() >= FEWEST]
        if rates.between(0, 1, inclusive="neither").all():
            yield passed(check, name)
            continue
        yield raised(
            check,
            Severity.INFORMATION,
            about=name,
            expected="events in some participants of each arm",
            found=f"none or all in {int((~rates.between(0, 1, inclusive='neither')).sum())} arms",
        )
    if not made:
        yield unable(check, "no binary outcome in arms of 20 or more")


def _dropout(data: TrialData) -> Iterator[Checked]:
    """Look for follow-ups of which most are missing, and for trials that lost nobody."""
    check = "plausibility-dropout"
    lost = {name: float(values.isna().mean()) for name, values in data.follow_ups.items()}
    if not lost:
        yield unable(check, "no follow-up")
        return
    if max(lost.values()) == 0 and len(data.people) >= 2 * FEWEST:
        yield raised(
            check,
            Severity.INFORMATION,
            expected="some participants without a follow-up",
            found="none of the values after randomisation is missing",
        )
        return
    for name, share in lost.items():
        if share <= MOST_LOST:
            yield passed(check, name)
            continue
        yield raised(
            check,
            Severity.NOTABLE,
            about=name,
            expected=f"values of at least {100 * (1 - MOST_LOST):.0f} % of the participants",
            found=f"{100 * share:.0f} % are missing",
        )


def _extremes(data: TrialData) -> Iterator[Checked]:
    """Find values far from all others, as after a wrong unit or a slip of the decimal point."""
    check = "plausibility-extremes"
    made = False
    for name, values in data.measured.items():
        known = values.dropna()
        if len(known) < FEWEST:
            continue
        far = _far(known)
        if known.min() > 0:
            far &= _far(np.log(known))
        made = True
        if not far.any():
            yield passed(check, name)
            continue
        yield raised(
            check,
            Severity.NOTABLE,
            about=name,
            expected=f"values within {FAR:g} robust standard deviations of the median",
            found=f"{int(far.sum())} beyond",
            rows=known.index[far],
        )
    if not made:
        yield unable(check, f"no quantity with {FEWEST} values")


def _far(values: pd.Series) -> pd.Series:
    """Tell which values lie beyond `FAR` after a gap, on either side.

    The mean deviation gives the unit when half of the values are one.
    """
    centred = values - values.median()
    unit = _MAD_TO_SD * float(centred.abs().median()) or _MEAN_TO_SD * float(centred.abs().mean())
    if unit == 0:
        return centred > np.inf
    return _beyond_gap(centred / unit) | _beyond_gap(-centred / unit)


def _beyond_gap(z: pd.Series) -> pd.Series:
    ordered = np.sort(z.to_numpy())
    after = ordered[1:][(np.diff(ordered) > GAP) & (ordered[1:] > FAR)]
    return z.ge(float(after.min(initial=np.inf)))


def _spread(data: TrialData) -> Iterator[Checked]:
    """Find quantities without variation, and assessments with far less than the others."""
    check = "plausibility-spread"
    spreads = {k: float(v.std()) for k, v in data.measured.items() if v.notna().sum() >= FEWEST}
    if not spreads:
        yield unable(check, f"no quantity with {FEWEST} values")
    for name, spread in spreads.items():
        outcome = name.partition("@")[0]
        others = [s for k, s in spreads.items() if k != name and k.startswith(f"{outcome}@")]
        usual = float(np.median(others)) if others else np.nan
        if spread > 0 and not spread < NARROW * usual:
            yield passed(check, name)
            continue
        yield raised(
            check,
            Severity.NOTABLE if spread > 0 else Severity.SERIOUS,
            about=name,
            expected="values that differ between participants"
            if np.isnan(usual)
            else f"a standard deviation near {usual:.3g}, as at the other times",
            found=f"a standard deviation of {spread:.3g}",
        )


def _effects(data: TrialData) -> Iterator[Checked]:
    """Find standardised differences between arms that no treatment of this kind reaches."""
    check = "plausibility-effect"
    after = {k: v for k, v in data.follow_ups.items() if k in data.scores}
    made = False
    for name, values in after.items():
        groups = values.dropna().groupby(data.arms)
        large = groups.size() >= FEWEST // 2
        if large.sum() < 2:
            continue
        made = True
        within = float(np.sqrt((groups.var() * (groups.size() - 1)).sum() / (values.count() - 1)))
        means = groups.mean()[large]
        effect = float(means.max() - means.min()) / within if within > 0 else 0.0
        if effect < LARGE_EFFECT:
            yield passed(check, name)
            continue
        yield raised(
            check,
            Severity.NOTABLE,
            about=name,
            expected=f"arms that differ by less than {LARGE_EFFECT:g} standard deviations",
            found=f"a difference of {effect:.1f}",
        )
    if not made:
        yield unable(check, "no score in two arms after randomisation")
