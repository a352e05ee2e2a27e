"""Compare the figures that a trial published with what its data give.

PRISMA-IPD A1/A3 (Stewart 2015 JAMA 313:1657) and the IPD Integrity Tool (Hunter 2024) ask for it.
"""

import math
from dataclasses import dataclass

import pandas as pd

from analysis.protocol import Protocol
from analysis.trials.mapping import Published, TrialMapping
from analysis.trials.scores import Assessments
from analysis.trials.sources import Sources

COLUMNS = ("label", "arm", "statistic", "published", "reproduced", "difference", "verdict")
CLOSE = 0.10


@dataclass(frozen=True, slots=True)
class Evidence:
    """What published figures are compared with.

    Parameters
    ----------
    sources
        The files, for the conditions under `where`.
    arms
        Arm of each of n participants.
    assessments
        Outcomes on the instrument's own scale.
    modifiers
        n × modifiers, converted to the protocol's unit but not rescaled.
    excluded
        n × outcomes: why the protocol excludes a participant, "" when it does not.
    """

    sources: Sources
    arms: pd.Series
    assessments: Assessments
    modifiers: pd.DataFrame
    excluded: pd.DataFrame


class _NotComputableError(Exception):
    """A figure cannot be computed from the data; the message is the reason."""


def reproduce(evidence: Evidence, mapping: TrialMapping, protocol: Protocol) -> pd.DataFrame:
    """Compute every published figure from the data and compare.

    Scores are compared on the instrument's own scale, with the participants whom the protocol
    does not exclude from the outcome; n without an outcome counts all who were randomised.

    Returns
    -------
    pandas.DataFrame
        One row per figure: label, arm (its label, "all" without one), statistic, published,
        reproduced, difference (reproduced − published) and verdict. *reproduced*: equal within
        the rounding of the published decimals. *close*: a standardised difference below 10 %,
        namely for a mean |difference| / SD of the data; for a percentage of a percentage p,
        |difference| / √(p(100 − p)) of the data; for n, events and SD, |difference| / published;
        for P, the difference of the two normal deviates that belong to the two-sided P values,
        which is the difference of the effects in standard errors. Otherwise *discrepant*, or
        *not computable: reason*.
    """
    rows = [_row(figure, evidence, mapping, protocol) for figure in mapping.published]
    types = {"published": float, "reproduced": float, "difference": float}
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(types)


def _row(
    figure: Published, evidence: Evidence, mapping: TrialMapping, protocol: Protocol
) -> tuple[object, ...]:
    arm = mapping.arms[figure.arm].label if figure.arm else "all"
    label = figure.label or _label(figure, protocol)
    head = (label, arm, figure.statistic, figure.value)
    try:
        value, spread = _compute(figure, evidence)
    except _NotComputableError as reason:
        return (*head, math.nan, math.nan, f"not computable: {reason}")
    return (*head, value, value - figure.value, _verdict(figure, value, spread))


def _label(figure: Published, protocol: Protocol) -> str:
    if figure.outcome:
        weeks = "" if figure.weeks is None else f" at {figure.weeks:g} weeks"
        return f"{protocol.outcomes[figure.outcome].label}{weeks}"
    if figure.modifier:
        modifier = protocol.modifiers[figure.modifier]
        level = f": {modifier.levels[figure.level]}" if figure.level else ""
        return f"{modifier.label}{level}"
    return "Randomised"


def _compute(figure: Published, evidence: Evidence) -> tuple[float, float]:
    """Value of the figure, and the standard deviation that a difference is measured in."""
    values = _values(figure, evidence)
    rows = _rows(figure, evidence)
    values, arms = values[rows], evidence.arms[rows]
    if figure.statistic == "p":
        return _p_value(values.dropna(), arms[values.notna()]), math.nan
    if figure.arm is not None:
        values = values[arms == figure.arm]
    if figure.level is not None:
        values = (values == figure.level).astype(float).where(values.notna())
    if figure.statistic == "n":
        counted = values.sum() if figure.level is not None else values.notna().sum()
        return float(counted), math.nan
    known = values.dropna()
    if known.empty:
        raise _NotComputableError("nobody has a value")
    if not pd.api.types.is_numeric_dtype(known):
        raise _NotComputableError("categories have no mean; name a level")
    if figure.statistic == "events":
        return float((known == 1).sum()), math.nan
    if figure.statistic == "percent":
        if not known.isin([0, 1]).all():
            raise _NotComputableError("a percentage needs a binary outcome or a level")
        share = float(known.mean())
        return 100 * share, 100 * math.sqrt(share * (1 - share))
    spread = float(known.std(ddof=1))
    return (spread, math.nan) if figure.statistic == "sd" else (float(known.mean()), spread)


def _values(figure: Published, evidence: Evidence) -> pd.Series:
    """Give the values that the figure describes; NaN for those who have none or are excluded."""
    if figure.outcome:
        assessed = evidence.assessments.get(figure.outcome, ())
        there = [a for a in assessed if figure.weeks is None or a.weeks == figure.weeks]
        if not there:
            raise _NotComputableError("the data hold no such assessment")
        if len(there) > 1:
            raise _NotComputableError("several assessments: give weeks")
        return there[0].own.where(evidence.excluded[figure.outcome] == "")
    if figure.modifier:
        if figure.modifier not in evidence.modifiers:
            raise _NotComputableError("a baseline score: name the outcome and weeks: 0")
        return evidence.modifiers[figure.modifier]
    if figure.statistic != "n":
        raise _NotComputableError("name an outcome or a modifier")
    return pd.Series(1.0, index=evidence.arms.index)


def _rows(figure: Published, evidence: Evidence) -> pd.Series:
    """Tell the participants with a row that meets every condition under `where`."""
    kept = pd.Series(True, index=evidence.arms.index)
    for name, code in figure.where.items():
        column = evidence.sources.find(name)
        if column is None:
            raise _NotComputableError(f"no column {name!r}")
        meeting = column.codes.index[(column.codes == code).to_numpy()]
        kept &= kept.index.isin(meeting)
    return kept


def _p_value(values: pd.Series, arms: pd.Series) -> float:
    """Two-sided P of the difference between two arms.

    Student's t test with a common variance for quantities, Pearson's chi-square without
    continuity correction for events and categories: what publications use unless they say so.
    """
    from scipy import stats

    groups = [values[arms == arm] for arm in arms.unique()]
    if len(groups) != 2:
        raise _NotComputableError(f"P compares two arms, the data have {len(groups)}")
    if not pd.api.types.is_numeric_dtype(values) or values.isin([0, 1]).all():
        table = pd.crosstab(arms, values.astype(str))
        if table.shape[1] < 2:
            raise _NotComputableError("both arms have one and the same value throughout")
        return float(stats.chi2_contingency(table, correction=False).pvalue)
    if min(len(group) for group in groups) < 2:
        raise _NotComputableError("an arm has fewer than two values")
    return float(stats.ttest_ind(*groups, equal_var=True).pvalue)


def _verdict(figure: Published, value: float, spread: float) -> str:
    difference = abs(value - figure.value)
    if difference <= 0.5 * 10**-figure.decimals * (1 + 1e-9):
        return "reproduced"
    return "close" if _standardised(figure, value, spread) < CLOSE else "discrepant"


def _standardised(figure: Published, value: float, spread: float) -> float:
    difference = abs(value - figure.value)
    if figure.statistic in {"mean", "percent"}:
        return difference / spread if spread > 0 else math.inf
    if figure.statistic == "p":
        return abs(_deviate(value) - _deviate(figure.value))
    return difference / abs(figure.value) if figure.value else math.inf


def _deviate(p: float) -> float:
    from scipy import stats

    return float(stats.norm.isf(min(max(p, 1e-300), 1.0) / 2))
