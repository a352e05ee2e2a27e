"""Internal inconsistencies: values that contradict each other within a participant."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.trials.integrity.checked import Checked, Severity, passed, raised, unable
from analysis.trials.integrity.trial_data import TrialData

MANY = 0.05
"""Share of participants from which a contradiction is serious."""
OF_INDEX = 0.02
"""Relative difference of a body mass index that the rounding of height and weight explains."""


def internal(data: TrialData) -> Iterator[Checked]:
    """Make every check within participants."""
    # Ranges, steps, codes and repeated participants are refused when the files are read.
    yield passed("internal-range")
    yield _body(data)
    yield from _sums(data)
    yield from _skips(data)


def _broken(
    check: str, about: str, wrong: pd.Series, compared: int, texts: tuple[str, str]
) -> Checked:
    count = int(wrong.sum())
    if not count:
        return passed(check, about)
    expected, found = texts
    return raised(
        check,
        Severity.SERIOUS if count > MANY * compared else Severity.NOTABLE,
        about=about,
        expected=expected,
        found=f"{count} of {compared} participants with {found}",
        rows=wrong.index[wrong],
    )


def _body(data: TrialData) -> Checked:
    """Compare body mass index with weight / height²."""
    check, body = "internal-body-mass", data.section.body
    if body is None or body.bmi is None:
        return unable(check, "integrity.body names no columns")
    metres = data.numbers(body.height) / 100
    index = data.numbers(body.bmi)
    made = data.numbers(body.weight) / metres.where(metres > 0) ** 2
    both = index.notna() & made.notna()
    wrong = both & ((index - made).abs() > np.maximum(OF_INDEX * made, 0.5))
    texts = ("body mass index = weight / height²", "another body mass index")
    return _broken(check, body.bmi, wrong, int(both.sum()), texts)


def _sums(data: TrialData) -> Iterator[Checked]:
    check = "internal-sums"
    if not data.section.sums:
        yield unable(check, "integrity.sums names no columns")
    for rule in data.section.sums:
        total = data.numbers(rule.total)
        items = pd.DataFrame({item: data.numbers(item) for item in rule.items})
        complete = items.notna().all(axis=1) & total.notna()
        wrong = complete & ((items.sum(axis=1) - total).abs() > 1e-6)
        texts = (f"{rule.total} = sum of its {len(rule.items)} items", "another sum")
        yield _broken(check, rule.total, wrong, int(complete.sum()), texts)


def _skips(data: TrialData) -> Iterator[Checked]:
    check = "internal-skip"
    if not data.section.skip:
        yield unable(check, "integrity.skip names no columns")
    for rule in data.section.skip:
        holds = pd.Series(True, index=data.people)
        for column, code in rule.when.items():
            holds &= data.text(column) == code
        answered = pd.DataFrame({column: data.text(column) != "" for column in rule.blank})
        when = " and ".join(f"{column} is {code}" for column, code in rule.when.items())
        texts = (f"no answer to {', '.join(rule.blank)} when {when}", "an answer")
        wrong = holds & answered.any(axis=1)
        yield _broken(check, ", ".join(rule.blank), wrong, int(holds.sum()), texts)
