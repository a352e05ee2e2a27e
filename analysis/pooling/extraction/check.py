"""Check a whole table before anything is computed from it: every finding at once, by its line."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.pooling.extraction.columns import column, place, where
from analysis.pooling.inputs import BadValuesError, Floats
from analysis.pooling.summaries import refuse

KINDS = {
    "mean": ("g", "md", "glass", "rom"),
    "event": ("or", "rr", "rd", "peto"),
    "proportion": (
        "proportion", "log-proportion", "logit-proportion", "arcsine-proportion",
        "double-arcsine-proportion",
    ),
    "rate": ("rate", "log-rate", "square-root-rate", "freeman-tukey-rate"),
    "two rates": ("rate-ratio", "rate-difference"),
    "generic": ("generic",),
}  # fmt: skip
INSTEAD = (
    ({"b", "d"}, "Events and participants will do as well: a, n1, c, n2, without b and d. "),
    ({"sd1", "sd2"}, "Standard errors will do as well: se1, se2. "),
    ({"vi"}, "Instead of vi, sei will do, or ci_low and ci_high. "),
)
SPLIT = 0.01  # of a total, by which counts of a split control may miss it
UNEQUAL = 0.1  # relative difference of variances beyond rounding


class _Rule(NamedTuple):
    """What a column must not hold, what is expected instead, and what to do."""

    bad: Callable[[Floats], NDArray[np.bool_]]
    expected: str
    advice: str


LEAVE = "Leave these trials out, with the reason, or fill it in."
REPORT = "Check it against the report."
NUMBER = _Rule(lambda x: ~np.isfinite(x), "a number", LEAVE)
NOT_INFINITE = _Rule(np.isinf, "a number", REPORT)
RULES: dict[str, tuple[_Rule, ...]] = {
    "value": (NUMBER,),
    "limit": (NOT_INFINITE,),
    "sd": (
        NOT_INFINITE,
        _Rule(lambda x: x < 0, "not negative", "A negative SD is an extraction error."),
        _Rule(
            lambda x: x == 0,
            "above zero",
            "Nobody differed, or the SD is missing: leave the trial out, with the reason.",
        ),
    ),
    "se": (NOT_INFINITE, _Rule(lambda x: x <= 0, "above zero", REPORT)),
    "n": (
        NUMBER,
        _Rule(
            lambda x: x < 2,
            "at least 2",
            "An SD needs two participants: leave the trial out, with the reason.",
        ),
    ),
    "count": (NUMBER, _Rule(lambda x: x < 0, "not negative", "Check events against totals.")),
    "total": (NUMBER, _Rule(lambda x: x <= 0, "above zero", "Leave the trial out.")),
}


def check_table(frame: pd.DataFrame, effect: str, *, impute: bool) -> None:
    """Refuse a table with all that is wrong in the columns that a measure needs.

    Parameters
    ----------
    frame : DataFrame
        One row per trial.
    effect : str
        A `Measure`.
    impute : bool
        Whether a missing SD will be imputed.

    Raises
    ------
    ModelError
        Columns missing or given twice, text in number columns, values that cannot be, missing SDs,
        numbers that contradict one another: one finding a line.
    """
    columns = _columns(frame, effect)
    findings = [*_absent(frame, columns), *_twice(frame, columns)]
    if not findings:
        findings = [
            *(found for name, rule in columns.items() for found in _values(frame, name, rule)),
            *_between_columns(frame, columns, impute=impute),
        ]
    if len(findings) == 1:
        raise ModelError(findings[0])
    if findings:
        raise ModelError("\n- ".join([f"The table has {len(findings)} problems:", *findings]))


def _columns(frame: pd.DataFrame, effect: str) -> dict[str, str]:
    """Return the columns that the measure uses, each with the name of its rules."""
    kind = next(kind for kind, effects in KINDS.items() if effect in effects)
    there = set(frame.columns)
    if kind == "mean":
        return {name: rule for arm in "12" for name, rule in _arm(arm, there).items()}
    if kind == "event":
        totals = {"n1": "total", "n2": "total"}
        cells = dict.fromkeys("abcd", "count")
        if totals.keys() <= there and not {"b", "d"} & there:
            return {"a": "count", "c": "count"} | totals
        return cells | {name: "total" for name in totals if name in there}
    if kind == "generic":
        errors = {"vi": "se", "sei": "se", "ci_low": "limit", "ci_high": "limit"}
        chosen = {name: rule for name, rule in errors.items() if name in there}
        whole = {"vi", "sei"} & there or {"ci_low", "ci_high"} <= there
        return {"yi": "value"} | (chosen if whole else {"vi": "se"})
    return {
        "proportion": {"events": "count", "participants": "total"},
        "rate": {"events": "count", "time": "total"},
        "two rates": {"events1": "count", "time1": "total", "events2": "count", "time2": "total"},
    }[kind]


def _arm(arm: str, there: set[str]) -> dict[str, str]:
    needed = {f"m{arm}": "value", f"n{arm}": "n"}
    if f"se{arm}" in there:
        needed[f"se{arm}"] = "se"
    if f"sd{arm}" in there or f"se{arm}" not in there:
        needed[f"sd{arm}"] = "sd"
    return needed


def _absent(frame: pd.DataFrame, columns: dict[str, str]) -> Iterator[str]:
    absent = [name for name in columns if name not in frame]
    if absent:
        listed = ", ".join(repr(name) for name in absent)
        needs = f"a column {listed}" if len(absent) == 1 else f"columns {listed}"
        instead = "".join(said for names, said in INSTEAD if names & set(absent))
        yield (
            f"The table needs {needs}, but has {', '.join(map(str, frame.columns))}. "
            f"{instead}Rename the column, or choose another effect."
        )


def _twice(frame: pd.DataFrame, columns: dict[str, str]) -> Iterator[str]:
    for name in columns:
        if (frame.columns == name).sum() > 1:
            yield f"The table has two columns {name!r}. Keep the right one."


def _values(frame: pd.DataFrame, name: str, rules: str) -> Iterator[str]:
    try:
        column(frame, name)
    except ModelError as error:
        yield str(error)
    values = numbers_of(frame, name)
    text = np.isnan(values) & frame[name].notna().to_numpy()
    for rule in RULES[rules]:
        yield from _refused(frame, rule.bad(values) & ~text, values, name, rule)


def _refused(
    frame: pd.DataFrame, bad: NDArray[np.bool_], values: Floats, name: str, rule: _Rule
) -> Iterator[str]:
    try:
        refuse(bad, values, name, rule.expected, rule.advice)
    except BadValuesError as error:
        yield str(error.named(partial(place, frame)))


def numbers_of(frame: pd.DataFrame, name: str) -> Floats:
    """Return a column's numbers; what is text, or empty, or not there is nan."""
    if name not in frame:
        return np.full(len(frame), np.nan)
    numeric = pd.to_numeric(frame[name], errors="coerce")
    return np.asarray(numeric.to_numpy(dtype=np.float64, na_value=np.nan))


def _between_columns(
    frame: pd.DataFrame, columns: dict[str, str], *, impute: bool
) -> Iterator[str]:
    of = partial(numbers_of, frame)
    for arm in "12":
        if {f"m{arm}"} <= columns.keys() and not impute:
            yield from _missing_sd(frame, arm)
    if "participants" in columns:
        rule = _Rule(
            lambda x: x > of("participants"),
            "at most the participants",
            "Check both against the report.",
        )
        yield from _refused(frame, rule.bad(of("events")), of("events"), "events", rule)
    for events, rest, total in (("a", "b", "n1"), ("c", "d", "n2")):
        if events in columns and total in columns:
            if (beyond := of(events) > of(total)).any():
                yield (
                    f"More events in column {events} than participants in {where(frame, beyond)}. "
                    "Check both against the report."
                )
            unequal = np.abs(of(events) + of(rest) - of(total)) > SPLIT * of(total)
            if unequal.any():
                yield (
                    f"{events} + {rest} is not {total} in {where(frame, unequal)}. Check them "
                    "against the report."
                )
    if "yi" in columns:
        yield from _given(frame)


def _given(frame: pd.DataFrame) -> Iterator[str]:
    """Find given effects without a variance, or with one that contradicts another column."""
    names = [name for name in ("vi", "sei", "ci_low", "ci_high") if name in frame]
    empty = {name: frame[name].isna().to_numpy() for name in names}
    whole = [empty[name] for name in ("vi", "sei") if name in empty]
    if {"ci_low", "ci_high"} <= empty.keys():
        whole.append(empty["ci_low"] | empty["ci_high"])
    yi, vi, sei, low, high = (
        numbers_of(frame, name) for name in ("yi", "vi", "sei", "ci_low", "ci_high")
    )
    for bad, said in (
        (np.all(whole, axis=0), "Neither vi nor sei nor a whole interval is given"),
        (high <= low, "ci_high is not above ci_low"),
        ((low < high) & ((yi < low) | (yi > high)), "yi lies outside its interval"),
        (np.abs(sei**2 - vi) > UNEQUAL * vi, "vi is not the square of sei"),
    ):
        if bad.any():
            yield f"{said} in {where(frame, bad)}. {REPORT}"


def _missing_sd(frame: pd.DataFrame, arm: str) -> Iterator[str]:
    empty = [
        frame[name].isna().to_numpy() if name in frame else np.ones(len(frame), dtype=np.bool_)
        for name in (f"sd{arm}", f"se{arm}")
    ]
    missing = empty[0] & empty[1]
    if missing.any():
        yield (
            f"sd{arm} is missing in {where(frame, missing)}. Give a standard error in se{arm}, "
            "name a rule in impute (pooled, median, largest), or leave the trials out with the "
            "reason."
        )
